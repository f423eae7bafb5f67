"""A picture as it came, of whatever kind and size, to what devices show: two sizes, upright, with nothing told beside.

JPEG and PNG are what every device reads. What is see-through stands on white, as a photo does; colours are sRGB's.
"""

import hashlib
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from typing import Any

from PIL import Image, ImageCms, ImageFile, UnidentifiedImageError

from server.catalog.pictures.shape import Made, NoPictureError, Shrunk

LARGE, SMALL = (800, 1000), (240, 300)
"""Pixels across and down that a size fits into: what a kiosk's card and an article's screen show, and a line of a list.
A line's frame is 88 by 104; screens have up to 2.7 pixels for each of these."""
MOST_PIXELS, MOST_OF_JPEG = 25_000_000, 50_000_000
"""Of what comes: a packed picture of some kilobytes may unfold to gigabytes. Shops' platforms take 25 million, cameras
make up to 50; JPEG alone need not be unfolded whole."""
QUALITY = 82
COLOURS = 256
"""Of a drawing, as PNG counts them in a palette."""
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")

ORIENTATION = 0x0112
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What is done to a picture whose camera was held otherwise, by EXIF's number for that."""
_ON_ITS_SIDE = frozenset({5, 6, 7, 8})
_SRGB = ImageCms.createProfile("sRGB")

# Whoever reads part of a picture as one hides that it was cut off.
ImageFile.LOAD_TRUNCATED_IMAGES = False
Image.MAX_IMAGE_PIXELS = MOST_OF_JPEG


def shrink(content: bytes) -> Shrunk:
    """A picture in the sizes that devices show, neither of them larger than it came.

    Raises:
        NoPictureError: it is none, is damaged, or would take too much.
    """
    with _said_why():
        return _shrink(content)


def fitted(content: bytes, box: tuple[int, int], *, see_through: bool) -> Made:
    """A picture that fits into a box, no larger than it came; what is see-through may stay so.

    Raises:
        NoPictureError: see `shrink`.
    """
    with _said_why():
        with _opened(content) as image:
            made = _upright(image, box, see_through=see_through)
        return _made_see_through(made) if made.mode == "RGBA" else _made(made)


@contextmanager
def _said_why() -> Iterator[None]:
    """Whatever goes wrong with a picture is said in one way."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            yield
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise NoPictureError(f"it has more than {MOST_OF_JPEG:,} pixels") from error
    except MemoryError as error:
        raise NoPictureError("it takes too much memory") from error
    except (OSError, ValueError, SyntaxError, EOFError, ArithmeticError, LookupError, TypeError, Warning) as error:
        raise NoPictureError(f"it is damaged: {error or type(error).__name__}"[:150]) from error


@contextmanager
def _opened(content: bytes) -> Iterator[Image.Image]:
    try:
        image: Image.Image = Image.open(BytesIO(content), formats=FORMATS)
    except UnidentifiedImageError as error:
        raise NoPictureError("neither JPEG, PNG, WebP nor GIF") from error
    with image:
        most = MOST_OF_JPEG if image.format == "JPEG" else MOST_PIXELS
        if image.width * image.height > most:
            raise NoPictureError(f"it has more than {most:,} pixels")
        yield image


def _shrink(content: bytes) -> Shrunk:
    with _opened(content) as image:
        drawn = _as_drawn(image)
        large = _upright(image, LARGE)
    made = _made(large, drawn)
    if large.width <= SMALL[0] and large.height <= SMALL[1]:
        return Shrunk(made, None)
    small = large.copy()
    small.thumbnail(SMALL, Image.Resampling.LANCZOS)
    return Shrunk(made, _made(small))


def _upright(image: Image.Image, size: tuple[int, int], *, see_through: bool = False) -> Image.Image:
    """In a size, in sRGB and as it is to be looked at; a JPEG is never unfolded much larger than that."""
    turned = image.getexif().get(ORIENTATION)
    across, down = size
    box = (down, across) if turned in _ON_ITS_SIDE else (across, down)
    profile = image.info.get("icc_profile")
    if image.format == "JPEG":
        image.draft(None, (2 * box[0], 2 * box[1]))
    image.load()
    if image.mode.startswith("I"):
        # Sixteen bits of grey: what is left are the upper eight.
        image = image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    elif image.mode not in ("L", "RGB", "RGBA", "CMYK"):
        # A see-through colour of a palette, or of a picture without one, is see-through in what becomes of it.
        has_holes = "transparency" in image.info or image.mode in ("LA", "La", "PA", "RGBa")
        image = image.convert("RGBA" if has_holes else "RGB")
    elif "transparency" in image.info and image.mode != "RGBA":
        image = image.convert("RGBA")
    image.thumbnail(box, Image.Resampling.LANCZOS, reducing_gap=2.0)
    image = _in_srgb(image, profile)
    if turned in _UPRIGHT:
        image = image.transpose(_UPRIGHT[turned])
    if image.mode == "RGBA" and not see_through:
        paper = Image.new("RGB", image.size, (255, 255, 255))
        paper.paste(image, mask=image.getchannel("A"))
        image = paper
    return image


def _in_srgb(image: Image.Image, profile: Any) -> Image.Image:
    """A picture in the colours of screens; one whose profile is of no use is taken to be in them."""
    wanted = "RGBA" if image.mode == "RGBA" else "RGB"
    if profile:
        with suppress(ImageCms.PyCMSError, OSError, ValueError, TypeError):
            told = ImageCms.ImageCmsProfile(BytesIO(profile))
            changed = ImageCms.profileToProfile(image, told, _SRGB, outputMode=wanted)
            if changed is not None:
                return changed
    return image if image.mode == wanted else image.convert(wanted)


def _as_drawn(image: Image.Image) -> Image.Image | None:
    """A drawing of few colours that can stay as it is."""
    fits = image.width <= LARGE[0] and image.height <= LARGE[1]
    if image.format != "PNG" or not fits or image.info.keys() & {"transparency", "icc_profile"} or image.getexif():
        return None
    if image.mode == "RGB" and image.getcolors(COLOURS) is not None:
        return image.quantize(COLOURS, dither=Image.Dither.NONE)
    return image.copy() if image.mode in ("P", "L", "1") else None


def _made(image: Image.Image, drawn: Image.Image | None = None) -> Made:
    """JPEG; what was drawn with few colours, and kept them, is smaller and sharper as PNG."""
    content, media_type = _saved(image, "JPEG", quality=QUALITY, optimize=True), "image/jpeg"
    if drawn is not None:
        png = _saved(drawn, "PNG")
        if len(png) <= len(content):
            content, media_type = png, "image/png"
    return Made(hashlib.sha256(content).hexdigest(), media_type, content)


def _made_see_through(image: Image.Image) -> Made:
    content = _saved(image, "PNG", optimize=True)
    return Made(hashlib.sha256(content).hexdigest(), "image/png", content)


def _saved(image: Image.Image, format_: str, **how: Any) -> bytes:
    # What a camera, a phone or a program wrote beside it: where it was taken, of whom, with what.
    image.info.clear()
    file = BytesIO()
    image.save(file, format_, **how)
    return file.getvalue()
