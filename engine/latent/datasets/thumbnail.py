"""Thumbnails: a picture file of a common kind, as a small square of bytes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from engine.files import open_regular, why
from engine.latent.datasets.own_files import SIDES, Pixels

if TYPE_CHECKING:
    from PIL.Image import Image

FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP", "TIFF", "PPM")
SUFFIXES = (".png", ".jpg", ".jpeg", ".jfif", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".pgm", ".ppm", ".pnm", ".pbm")
OTHER_KINDS = (
    *(".heic", ".heif", ".avif", ".tga", ".svg", ".svgz", ".jxl", ".jp2", ".j2k", ".psd", ".xcf", ".ico", ".dng"),
    *(".cr2", ".cr3", ".nef", ".arw", ".raf", ".orf", ".rw2", ".exr", ".hdr", ".pcx", ".eps", ".dds", ".qoi"),
)  # endings of pictures that are not read, and are listed
AVERAGED = ("L", "LA", "RGB", "RGBA", "CMYK", "YCbCr")  # kinds of pixels that can be averaged
ORIENTATION = 0x0112  # in the EXIF data: how the camera was held
DEEPEST = 65_535  # the lightest that a pixel of more than a byte can be
LARGEST = 30_000_000, 8  # pixels of any picture, and of a larger one for each byte of its file
NO_PICTURE = "it is damaged, or no picture of a kind that can be read"


class UnfitError(ValueError):
    """Why a file is no picture to train on, in a few words."""


def other_kind(path: Path) -> str:
    """The kind of a picture that is not read, by its ending, such as "HEIC"; "" for all other files."""
    suffix = path.suffix.lower()
    return suffix[1:].upper() if suffix in OTHER_KINDS else ""


def shrunk(path: Path, size: int, *, colour: bool, paper: str, stretch: bool = False) -> Pixels:
    """The middle square of a picture, upright, (size, size) or (size, size, 3); `paper` is what shows through it.

    With `stretch` its largest value becomes 255. Raises UnfitError. The picture is refused by its head if it has far
    more pixels than a file of its size should hold.
    """
    from PIL import Image, ImageOps

    if not os.path.isfile(path):  # noqa: PTH113  (a name may be none that a file can have)
        raise UnfitError("it is not there any more, or no file")
    try:
        with open_regular(path) as file, Image.open(file, formats=FORMATS) as image:
            _check(image, path.stat().st_size, Image.MAX_IMAGE_PIXELS)
            mode = "RGB" if colour else "L"
            image.draft(mode, (2 * size, 2 * size))  # of a JPEG a part is enough to read
            flat = _flat(_upright(image, size), mode, paper, stretch)
        small = np.asarray(ImageOps.fit(flat, (size, size)))
        return _stretched(small) if stretch else small
    except UnfitError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise UnfitError(f"it has more than {Image.MAX_IMAGE_PIXELS:,} pixels") from None
    except MemoryError as error:
        raise UnfitError(why(error)) from None
    except Exception as error:  # of any kind, from readers of many kinds of files
        system = isinstance(error, OSError) and error.errno is not None
        raise UnfitError(why(error) if system else NO_PICTURE) from error


def _check(image: Image, size: int, most: int | None) -> None:
    """Raise UnfitError for a picture that is too small, too large, or far larger than its file."""
    pixels = image.size[0] * image.size[1]
    if most is not None and pixels > most:
        raise UnfitError(f"it has more than {most:,} pixels")
    weight = 2 if image.mode in ("I", "F") else 1  # of four bytes each
    if weight * pixels > max(LARGEST[0], LARGEST[1] * size):
        raise UnfitError(f"it unfolds to {pixels:,} pixels, which no picture in a file of its size has")
    if min(image.size) < SIDES[0]:
        raise UnfitError(f"it has {image.size[1]}×{image.size[0]} pixels, and {SIDES[0]}×{SIDES[0]} are the least")


def _upright(image: Image, size: int) -> Image:
    """The picture as it was taken, already smaller if that is possible: Pillow copies a picture for each change."""
    from PIL import ImageOps

    image.load()
    factor = min(image.size) // (4 * size)
    if factor >= 2 and image.mode in AVERAGED and "transparency" not in image.info:
        small = image.reduce(factor)
        small.getexif()[ORIENTATION] = image.getexif().get(ORIENTATION, 1)
        image = small
    return ImageOps.exif_transpose(image)


def _flat(image: Image, mode: str, paper: str, stretch: bool) -> Image:
    """In grey ("L") or colour ("RGB"), of a byte each, on paper."""
    from PIL import Image

    if image.mode == "F" or image.mode.startswith("I"):
        deep = np.asarray(image)
        if deep.dtype.kind == "f" or deep.min() < 0 or deep.max() > DEEPEST:
            raise UnfitError("its pixels have more than 16 bits")
        top = max(1, int(deep.max())) if stretch else DEEPEST
        image = Image.fromarray((deep // 257 if top == DEEPEST else deep * (255 / top)).astype(np.uint8))
    if image.has_transparency_data:
        sheet = Image.new("RGBA", image.size, paper)
        sheet.alpha_composite(image.convert("RGBA"))
        image = sheet
    return image.convert(mode)


def _stretched(pixels: Pixels) -> Pixels:
    top = int(pixels.max(initial=0))
    return np.rint(pixels * (255 / top)).astype(np.uint8) if top else pixels
