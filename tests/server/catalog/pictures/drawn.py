"""Pictures as tests need them, and as nobody should send them."""

import random
import struct
import zlib
from io import BytesIO
from typing import Any

from PIL import Image

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def photo(width: int = 1200, height: int = 900, seed: int = 7) -> Image.Image:
    """Something with as many colours as a photo has."""
    noise = Image.frombytes("RGB", (16, 12), random.Random(seed).randbytes(16 * 12 * 3))
    return noise.resize((width, height), Image.Resampling.BICUBIC)


def saved(image: Image.Image, format_: str = "JPEG", **how: Any) -> bytes:
    """A picture as a file."""
    file = BytesIO()
    image.save(file, format_, **how)
    return file.getvalue()


def opened(content: bytes) -> Image.Image:
    """A picture of a file, all of it."""
    image = Image.open(BytesIO(content))
    image.load()
    return image


def chunk(kind: bytes, body: bytes) -> bytes:
    """A part of a PNG."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_of(width: int, height: int, rows: bytes) -> bytes:
    """A PNG in grey that says how large it is, whatever its packed rows are."""
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return SIGNATURE + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def bomb(width: int = 50_000, height: int = 50_000) -> bytes:
    """Some kilobytes that unfold to 2.5 GB."""
    packer = zlib.compressobj(9)
    row = bytes(1 + width)
    return png_of(width, height, b"".join(packer.compress(row) for _ in range(200)) + packer.flush())
