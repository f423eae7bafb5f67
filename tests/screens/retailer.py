"""A retailer that there is not: its colour, and a logo and a picture that are drawn here."""

from hashlib import sha256
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

NAME = "Tramontela"
COLOUR = "#E4572E"
"""White cannot be read on it."""
_SKY, _SUN = ((250, 214, 165), (247, 178, 103)), (255, 244, 214)
_HILLS = ((238, 150, 98), (201, 104, 84), (137, 77, 84), (78, 56, 74))


def logo() -> bytes:
    """A mark and the name, on nothing."""
    image = Image.new("RGBA", (960, 220), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    draw.ellipse((10, 10, 210, 210), fill=COLOUR)
    draw.polygon([(40, 160), (110, 50), (180, 160)], fill=(255, 255, 255, 255))
    draw.text((250, 110), NAME, font=ImageFont.load_default(128), fill=(52, 37, 49, 255), anchor="lm")
    return _png(image)


def picture() -> bytes:
    """Hills in the evening."""
    wide, high = 1600, 1600
    image = Image.new("RGB", (wide, high))
    draw = ImageDraw.Draw(image)
    for y in range(high):
        draw.line((0, y, wide, y), fill=tuple(a + (b - a) * y // high for a, b in zip(*_SKY, strict=True)))
    draw.ellipse((900, 330, 1260, 690), fill=_SUN)
    for number, colour in enumerate(_HILLS):
        middle, top = 250 + 430 * number % 1300, 620 + 190 * number
        draw.ellipse((middle - 1500, top, middle + 1500, top + 2200), fill=colour)
    return _png(image)


def name_of(content: bytes) -> str:
    """What a picture is called where it is kept."""
    return sha256(content).hexdigest()


def _png(image: Image.Image) -> bytes:
    file = BytesIO()
    image.save(file, "PNG")
    return file.getvalue()
