"""A reader of codes, held to a picture of a screen as one is held to the screen."""

from pathlib import Path

import zxingcpp
from PIL import Image


def read_code(picture: Path) -> str:
    """What the one QR code in a picture says."""
    with Image.open(picture) as image:
        found = zxingcpp.read_barcodes(image.convert("L"), formats=zxingcpp.BarcodeFormat.QRCode)
    (code,) = found
    return str(code.text)
