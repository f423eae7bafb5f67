"""A retailer's logo and welcome picture: made fit for screens when the server starts, or refused by name."""

import struct
import zlib
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from server.brand import OURS
from server.catalog.branding import LOGO, WELCOME, look_of
from server.catalog.pictures.files import LARGEST
from server.settings import Settings, SettingsError


def drawn(size: tuple[int, int], format_: str = "PNG", mode: str = "RGB") -> bytes:
    """A picture of nothing much."""
    file = BytesIO()
    Image.new(mode, size, (200, 30, 60, 120)[: len(mode)]).save(file, format_)
    return file.getvalue()


def chunk(name: bytes, content: bytes) -> bytes:
    """A part of a PNG."""
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def bomb(wide: int, high: int) -> bytes:
    """A PNG of some kilobytes that says to be so large."""
    head = struct.pack(">IIBBBBB", wide, high, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes(wide // 8 + 1) * 100)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.parametrize("format_", ["PNG", "JPEG", "WEBP"])
def test_pictures_are_made_to_fit(tmp_path: Path, format_: str) -> None:
    """However large they come, each fits where it is shown, keeps its shape, and is called by what is in it."""
    (tmp_path / "logo").write_bytes(drawn((3000, 600), format_))
    (tmp_path / "welcome").write_bytes(drawn((2600, 4000), format_))
    look = look_of(Settings(brand_logo=str(tmp_path / "logo"), brand_welcome=str(tmp_path / "welcome")))
    for made, size, box in ((look.logo, (960, 192), LOGO), (look.welcome, (1248, 1920), WELCOME)):
        assert made is not None
        with Image.open(BytesIO(made.content)) as image:
            assert image.size == size
            assert Image.MIME[image.format or ""] == made.media_type
        assert all(side <= most for side, most in zip(size, box, strict=True))
        assert made.digest == sha256(made.content).hexdigest()
        assert look.picture(made.digest) == made
    assert look.picture("0" * 64) is None


def test_a_logo_stands_on_whatever_it_is_put_on(tmp_path: Path) -> None:
    """What is see-through in it stays so, and nothing is told beside; a picture fills its place."""
    (tmp_path / "both.png").write_bytes(drawn((400, 100), mode="RGBA"))
    look = look_of(Settings(brand_logo=str(tmp_path / "both.png"), brand_welcome=str(tmp_path / "both.png")))
    assert look.logo is not None
    assert look.welcome is not None
    with Image.open(BytesIO(look.logo.content)) as image:
        assert (image.format, image.mode, image.getpixel((5, 5))) == ("PNG", "RGBA", (200, 30, 60, 120))
        assert image.info == {}
    with Image.open(BytesIO(look.welcome.content)) as image:
        assert (image.format, image.mode) == ("JPEG", "RGB")


def test_without_settings_there_are_none() -> None:
    """Then screens look as they do by themselves."""
    assert look_of(Settings()) == OURS


@pytest.mark.parametrize("name", ["brand_logo", "brand_welcome"])
@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "cannot be read: No such file or directory"),
        (b"", "cannot be shown: neither JPEG, PNG, WebP nor GIF"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "cannot be shown: neither JPEG, PNG, WebP nor GIF"),
        (drawn((50, 50))[:-40], "cannot be shown: it is damaged"),
        (bytes(LARGEST + 1), "cannot be shown: larger than 10 MiB"),
        (bomb(6_000, 6_000), "cannot be shown: it has more than 25,000,000 pixels"),
        (bomb(60_000, 60_000), "cannot be shown: it has more than 50,000,000 pixels"),
    ],
    ids=["missing", "empty", "no picture", "cut off", "too large", "unfolds to much", "unfolds to gigabytes"],
)
def test_what_cannot_be_shown_is_told_by_the_settings_name(
    tmp_path: Path, name: str, content: bytes | None, sentence: str
) -> None:
    """The setting, the file, and why: whoever starts the server can mend it."""
    path = tmp_path / "picture"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SettingsError) as refused:
        look_of(Settings(**{name: str(path)}))  # type: ignore[arg-type]
    assert str(refused.value).startswith(f"MOSTRADOR_{name.upper()}={path} {sentence}")


def test_a_folder_is_no_picture(tmp_path: Path) -> None:
    """It is told likewise."""
    with pytest.raises(SettingsError, match="cannot be read: Is a directory"):
        look_of(Settings(brand_logo=str(tmp_path)))
