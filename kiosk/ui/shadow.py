"""The shadow under a card: drawn once into a small picture, stretched in its middle to any card's size.

Kivy's own BoxShadow works it out anew for each pixel of each frame; without a strong graphics card that took most of
the time of a frame.
"""

import math
from functools import cache
from typing import Any

from kivy.graphics.texture import Texture
from kivy.metrics import dp


@cache
def shadow(corner: float, blur: float) -> Any:
    """A white rounded square with soft edges, of which the outer `reach` pixels of each side are the soft ones.

    Args:
        corner: radius of the card's corners, in dp.
        blur: how far the shadow reaches beyond the card, in dp.
    """
    edge = round(reach(corner, blur))
    side = 2 * edge + 2
    half, radius, sigma = side / 2 - dp(blur), dp(corner), dp(blur) / 2
    pixels = bytearray()
    for y in range(side):
        for x in range(side):
            across = abs(x + 0.5 - side / 2) - (half - radius)
            along = abs(y + 0.5 - side / 2) - (half - radius)
            outside = math.hypot(max(across, 0), max(along, 0)) + min(max(across, along), 0) - radius
            alpha = 0.5 - 0.5 * math.erf(outside / (sigma * math.sqrt(2)))
            pixels += bytes((255, 255, 255, round(255 * alpha)))
    texture = Texture.create(size=(side, side), colorfmt="rgba")
    texture.blit_buffer(bytes(pixels), colorfmt="rgba", bufferfmt="ubyte")
    return texture


def reach(corner: float, blur: float) -> float:
    """How many pixels of each side of that picture must not be stretched."""
    return float(dp(corner) + 2 * dp(blur))
