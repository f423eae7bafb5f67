"""A retailer's logo and welcome picture, from the files that settings name."""

from pathlib import Path

from server.brand import BrandLook, BrandPicture
from server.catalog.pictures.files import LARGEST
from server.catalog.pictures.shape import NoPictureError
from server.settings import PREFIX, Settings, SettingsError

LOGO, WELCOME = (960, 240), (1920, 1920)
"""Pixels across and down that they fit into: a mark beside words, and what fills most of a kiosk, whichever way it
stands."""


def look_of(settings: Settings) -> BrandLook:
    """How the retailer looks.

    Raises:
        SettingsError: a file is missing, or no picture that can be shown.
    """
    return BrandLook(
        logo=_picture("BRAND_LOGO", settings.brand_logo, LOGO, see_through=True),
        welcome=_picture("BRAND_WELCOME", settings.brand_welcome, WELCOME, see_through=False),
    )


def _picture(name: str, file: str | None, box: tuple[int, int], *, see_through: bool) -> BrandPicture | None:
    if file is None:
        return None
    # Codecs take memory, which a server without such pictures need not have.
    from server.catalog.pictures.shrinking import fitted  # noqa: PLC0415

    try:
        made = fitted(_content(Path(file)), box, see_through=see_through)
    except OSError as error:
        raise SettingsError(f"{PREFIX}{name}={file} cannot be read: {error.strerror or error}") from error
    except NoPictureError as error:
        raise SettingsError(
            f"{PREFIX}{name}={file} cannot be shown: {error}. Name a file of PNG, JPEG or WebP."
        ) from error
    return BrandPicture(made.digest, made.media_type, made.content)


def _content(path: Path) -> bytes:
    if path.stat().st_size > LARGEST:
        raise NoPictureError(f"larger than {LARGEST // 1024 // 1024} MiB")
    return path.read_bytes()
