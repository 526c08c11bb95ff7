"""Pictures that people send: decoded, turned upright and written anew, so that nothing but what is seen is kept.

What else a file may carry (where and by which phone it was taken, other data, programs) does not come through.
"""

from collections.abc import Mapping
from io import BytesIO
from threading import Lock

from PIL import Image, ImageFile, ImageOps

from callout.domain.errors import CalloutError

LONGEST = 8 * 1_048_576
"""Bytes of a file that is looked at."""
SIDE = 1600
"""Pixels of the longer side that is kept: enough to read a gate sign."""
QUALITY = 80
MOST_PIXELS: Mapping[str | None, int] = {"JPEG": 64_000_000, "MPO": 64_000_000, "PNG": 24_000_000, "WEBP": 16_000_000}
"""By form. A JPEG is decoded small at once; the others need memory for every pixel (up to 300 MB at the limit)."""
_FORMS = ("JPEG", "PNG", "WEBP")
_ONE_AT_A_TIME = Lock()
"""Two cores and the memory belong to the calls."""


def upright_jpeg(given: bytes) -> bytes:
    """The picture as a small JPEG of our own. Raises CalloutError, with what to do, where there is none in it."""
    if not given:
        raise CalloutError("照片文件是空的，没有记下；请重新选一张，或不选照片")
    if len(given) > LONGEST:
        raise CalloutError(f"照片超过 {LONGEST // 1_048_576} MB，没有记下；请选小一点的，或不选照片")
    with _ONE_AT_A_TIME:
        try:
            return _written_anew(given)
        except CalloutError:
            raise
        except Exception:  # whatever a decoder says of hostile bytes, they are no picture
            raise CalloutError(
                "这个文件不是完整的照片（只收 JPEG、PNG、WebP），没有记下；请重新选一张，或不选照片"
            ) from None


def _written_anew(given: bytes) -> bytes:
    ImageFile.LOAD_TRUNCATED_IMAGES = False  # WeasyPrint lets the whole process take half a picture
    with Image.open(BytesIO(given), formats=_FORMS) as image:
        if image.width * image.height > MOST_PIXELS[image.format]:
            raise CalloutError("照片的像素太多，没有记下；请选小一点的，或不选照片")
        image.thumbnail((SIDE, SIDE))
        upright = ImageOps.exif_transpose(image).convert("RGBA")
    canvas = Image.new("RGB", upright.size, "white")
    canvas.paste(upright, mask=upright)
    written = BytesIO()
    canvas.save(written, "JPEG", quality=QUALITY)
    return written.getvalue()
