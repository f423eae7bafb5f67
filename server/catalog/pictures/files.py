"""Pictures beside a feed's file: only relative links, only under the feed's folder, only files."""

from pathlib import Path
from urllib.parse import unquote

from server.catalog.pictures.shape import NoPictureError

LARGEST = 10 * 1024 * 1024
"""Bytes."""


def read(folder: Path, link: str, known: str | None = None) -> tuple[bytes, str] | None:
    """The file that a relative link of a feed means, and what tells it from another; None where that is known.

    Raises:
        NoPictureError: nothing is there, it lies elsewhere, or it is too large.
    """
    try:
        root = folder.resolve()
        path = (root / unquote(link)).resolve()
        if not path.is_relative_to(root):
            raise NoPictureError("the picture must lie in the feed's folder or below it")
        if not path.is_file():
            raise NoPictureError("there is no such file")
        found = path.stat()
        mark = f"{found.st_size} bytes of {found.st_mtime_ns}"
        if mark == known:
            return None
        if found.st_size > LARGEST:
            raise NoPictureError(f"larger than {LARGEST // 1024 // 1024} MiB")
        return path.read_bytes(), mark
    except (OSError, ValueError) as error:
        raise NoPictureError(f"cannot be read: {getattr(error, 'strerror', None) or error}") from error
