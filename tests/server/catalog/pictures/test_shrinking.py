"""Pictures come in any kind, size and state, and leave upright, small and bare, or are told to be none."""

import zlib
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageCms

from server.catalog.pictures.shape import NoPictureError
from server.catalog.pictures.shrinking import LARGE, ORIENTATION, SMALL, shrink
from tests.server.catalog.pictures.drawn import SIGNATURE, bomb, chunk, opened, photo, png_of, saved


def most_different(one: Image.Image, other: Image.Image) -> float:
    """How far two pictures are from each other, on average, of 255."""
    difference = ImageChops.difference(one.convert("RGB"), other.convert("RGB").resize(one.size)).convert("L")
    return sum(value * count for value, count in enumerate(difference.histogram())) / (one.width * one.height)


@settings(max_examples=60)
@given(st.integers(1, 3000), st.integers(1, 3000), st.sampled_from(["JPEG", "PNG", "WEBP", "GIF"]))
def test_no_picture_is_larger_than_asked_or_out_of_shape(width: int, height: int, format_: str) -> None:
    """It fits into both sizes, is never enlarged, and keeps its shape to within a pixel."""
    shrunk = shrink(saved(Image.new("RGB", (width, height), (120, 30, 60)), format_))
    for made, box in ((shrunk.large, LARGE), (shrunk.small, SMALL)):
        if made is None:
            assert (width <= SMALL[0]) & (height <= SMALL[1])
            continue
        size = opened(made.content).size
        scale = min(1, box[0] / width, box[1] / height)
        assert size[0] <= box[0]
        assert size[1] <= box[1]
        assert abs(size[0] - max(1, width * scale)) <= 1
        assert abs(size[1] - max(1, height * scale)) <= 1
        assert made.digest == sha256(made.content).hexdigest()


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP"])
def test_a_photo_looks_as_it_did(format_: str) -> None:
    """Whatever it came as, it is a JPEG that nobody tells from it."""
    shrunk = shrink(saved(photo(), format_))
    assert shrunk.small is not None
    for made in (shrunk.large, shrunk.small):
        assert made.media_type == "image/jpeg"
        assert opened(made.content).mode == "RGB"
        assert most_different(photo(), opened(made.content)) < 3
    assert (opened(shrunk.large.content).size, opened(shrunk.small.content).size) == ((800, 600), (240, 180))


@pytest.mark.parametrize("turned", range(1, 9))
def test_a_camera_may_be_held_in_any_way(turned: int) -> None:
    """What EXIF says of how it was held is done to the picture, in both sizes."""
    upright = Image.new("RGB", (1000, 1600), (255, 255, 255))
    upright.paste((200, 0, 0), (0, 0, 500, 800))
    held = {
        1: (),
        2: (Image.Transpose.FLIP_LEFT_RIGHT,),
        3: (Image.Transpose.ROTATE_180,),
        4: (Image.Transpose.FLIP_TOP_BOTTOM,),
        5: (Image.Transpose.TRANSPOSE,),
        6: (Image.Transpose.ROTATE_90,),
        7: (Image.Transpose.TRANSVERSE,),
        8: (Image.Transpose.ROTATE_270,),
    }[turned]
    image = upright
    for step in held:
        image = image.transpose(step)
    exif = Image.Exif()
    exif[ORIENTATION] = turned
    shrunk = shrink(saved(image, exif=exif))
    assert shrunk.small is not None
    for made, size in ((shrunk.large, (625, 1000)), (shrunk.small, (187, 300))):
        shown = opened(made.content)
        assert shown.size == size
        assert most_different(shown, upright) < 4
        assert shown.getexif().get(ORIENTATION) is None


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP"])
def test_nothing_is_told_of_where_it_was_taken(format_: str) -> None:
    """Places, names, comments, thumbnails and profiles of a camera do not come along."""
    exif = Image.Exif()
    exif[0x010E] = "Somebody at home"
    exif.get_ifd(0x8825)[1] = "N40 25 secret place"
    how = {"comment": b"secret comment"} if format_ == "JPEG" else {}
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    content = saved(photo(300, 200), format_, exif=exif, icc_profile=profile, **how)
    assert b"Somebody" in content
    shrunk = shrink(content)
    assert shrunk.small is not None
    for made in (shrunk.large, shrunk.small):
        assert not any(word in made.content for word in (b"Somebody", b"secret", b"Exif", b"ICC", b"acsp"))
        assert opened(made.content).info.keys() <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_what_is_drawn_stays_sharp() -> None:
    """Few colours come back as they were, as PNG."""
    drawing = Image.new("RGB", (600, 700), (255, 255, 255))
    drawing.paste((10, 20, 30), (100, 100, 300, 500))
    shrunk = shrink(saved(drawing.quantize(8), "PNG"))
    assert shrunk.large.media_type == "image/png"
    assert ImageChops.difference(opened(shrunk.large.content).convert("RGB"), drawing).getbbox() is None


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA", "P"])
def test_what_is_see_through_stands_on_white(mode: str) -> None:
    """Nothing of what lies behind a picture on a screen is seen through it."""
    image = Image.new("RGBA", (400, 400), (0, 0, 0, 0))
    image.paste((200, 200, 200, 255), (0, 0, 200, 400))
    how = {}
    if mode == "P":
        image = image.convert("RGB").quantize(4)
        how["transparency"] = image.getpixel((300, 200))
    elif mode != "RGBA":
        image = image.convert("LA").convert(mode) if mode == "LA" else image.quantize(4).convert("PA")
    if mode == "PA":
        image = image.convert("RGBA").quantize(8)
    shown = opened(shrink(saved(image, "PNG", **how)).large.content)
    assert "A" not in shown.mode
    assert "transparency" not in shown.info
    left, right = shown.convert("RGB").getpixel((100, 200)), shown.convert("RGB").getpixel((300, 200))
    assert right == (255, 255, 255)
    assert max(abs(value - 200) for value in left) <= 4  # type: ignore[union-attr]


def test_prints_and_old_scans_are_shown_in_colours_of_screens() -> None:
    """CMYK, greys of 16 bits, one bit a point: all become what every device reads, as light as they were."""
    grey = Image.new("RGB", (300, 300), (128, 128, 128))
    sixteen = Image.new("I;16", (300, 300), 128 * 256)
    kinds = [
        saved(grey.convert("CMYK")),
        saved(grey.convert("L")),
        saved(sixteen, "PNG"),
        saved(grey, "GIF"),
        saved(grey, "WEBP", lossless=True),
    ]
    for content in kinds:
        shown = opened(shrink(content).large.content).convert("RGB")
        assert max(abs(value - 128) for value in shown.getpixel((150, 150))) <= 4  # type: ignore[union-attr]
    assert opened(shrink(saved(grey.convert("1"), "PNG")).large.content).size == (300, 300)


def test_colours_of_a_wide_screen_are_brought_back() -> None:
    """A profile counts; one that is nonsense does not."""
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB", 5000)).tobytes()
    red = Image.new("RGB", (300, 300), (200, 30, 30))
    for profile in (b"no profile", lab, b"\0" * 128):
        shown = opened(shrink(saved(red, icc_profile=profile)).large.content)
        assert max(abs(a - b) for a, b in zip(shown.getpixel((9, 9)), (200, 30, 30), strict=True)) <= 4  # type: ignore[arg-type]


def test_of_what_moves_the_first_picture_is_shown() -> None:
    """A GIF or WebP of many is one picture."""
    frames = [Image.new("RGB", (300, 300), colour) for colour in ((200, 30, 30), (30, 200, 30))]
    for format_ in ("GIF", "WEBP"):
        content = saved(frames[0], format_, save_all=True, append_images=frames[1:], duration=100)
        shown = opened(shrink(content).large.content).convert("RGB")
        assert max(abs(a - b) for a, b in zip(shown.getpixel((9, 9)), (200, 30, 30), strict=True)) <= 6  # type: ignore[arg-type]


HOSTILE = {
    "nothing": (b"", "neither JPEG, PNG, WebP nor GIF"),
    "a page": (b"<!doctype html><title>Welcome</title>", "neither JPEG, PNG, WebP nor GIF"),
    "SVG": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "neither JPEG, PNG, WebP nor GIF"),
    "TIFF": (saved(photo(20, 20), "TIFF"), "neither JPEG, PNG, WebP nor GIF"),
    "PostScript": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "neither JPEG, PNG, WebP nor GIF"),
    "a bomb": (bomb(), "it has more than 50,000,000 pixels"),
    "a bomb that stays below what a library warns of": (bomb(10_000, 2_501), "it has more than 25,000,000 pixels"),
    "half a JPEG": (saved(photo())[:9_000], "it is damaged: "),
    "half a PNG": (saved(photo(), "PNG")[:50_000], "it is damaged: "),
    "half a WebP": (saved(photo(), "WEBP")[:2_000], "it is damaged: "),
    "half a GIF": (saved(photo(), "GIF")[:9_000], "it is damaged: "),
    "only its first bytes": (SIGNATURE, "neither JPEG, PNG, WebP nor GIF"),
    "rows that are no rows": (png_of(100, 100, b"no rows"), "it is damaged: "),
    "a text that unfolds": (
        SIGNATURE
        + saved(photo(9, 9), "PNG")[8:33]
        + chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(80_000_000)))
        + saved(photo(9, 9), "PNG")[33:],
        "it is damaged: ",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_picture_is_told_to_be_none(name: str) -> None:
    """Wrong kinds, bombs and what is cut off are refused with a reason, before they take memory."""
    content, reason = HOSTILE[name]
    with pytest.raises(NoPictureError) as refused:
        shrink(content)
    assert f"{refused.value}".startswith(reason)


@settings(max_examples=100)
@given(st.data(), st.sampled_from(["JPEG", "PNG", "WEBP", "GIF"]))
def test_whatever_comes_is_a_picture_or_is_told_to_be_none(data: st.DataObject, format_: str) -> None:
    """However a file is damaged, there is an answer."""
    content = bytearray(saved(photo(80, 60), format_))
    for _ in range(data.draw(st.integers(1, 5))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        made = shrink(bytes(content)).large
    except NoPictureError as error:
        assert error.args  # noqa: PT017 - either is fine
    else:
        assert opened(made.content).size <= LARGE
