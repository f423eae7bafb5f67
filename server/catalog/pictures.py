"""Pictures beside a feed's file: only relative links, only under the feed's folder, only what is a picture."""

import hashlib
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

LARGEST = 10 * 1024 * 1024
"""Bytes."""

_BEGINNINGS = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}


class Picture(NamedTuple):
    """A picture on disk, by the hash of its content."""

    hash: str
    path: Path
    media_type: str


class NoPictureError(Exception):
    """A link leads to no picture; the message says why."""


def is_relative(link: str) -> bool:
    """True for a link that means a file beside the feed, not an address."""
    return "://" not in link and not link.startswith(("//", "data:"))


def picture_at(folder: Path, link: str) -> Picture:
    """The picture that a relative link of a feed means.

    Raises:
        NoPictureError: nothing is there, it lies elsewhere, or it is no PNG or JPEG.
    """
    root = folder.resolve()
    path = (root / unquote(link)).resolve()
    if not path.is_relative_to(root):
        raise NoPictureError("the picture must lie in the feed's folder or below it")
    try:
        if not path.is_file():
            raise NoPictureError("there is no such file")
        if path.stat().st_size > LARGEST:
            raise NoPictureError(f"larger than {LARGEST // 1024 // 1024} MiB")
        content = path.read_bytes()
    except (OSError, ValueError) as error:
        raise NoPictureError(f"cannot be read: {error}") from error
    media_type = media_type_of(content)
    if media_type is None:
        raise NoPictureError("neither PNG nor JPEG")
    return Picture(hashlib.sha256(content).hexdigest(), path, media_type)


def media_type_of(content: bytes) -> str | None:
    """What a picture's first bytes say it is; its name says nothing."""
    return next((name for beginning, name in _BEGINNINGS.items() if content.startswith(beginning)), None)
