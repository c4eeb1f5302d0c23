"""Thumbnails: image files in a common format, cropped to a square and reduced."""

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
)  # endings of image formats that are not supported; such files are listed as not used
AVERAGED = ("L", "LA", "RGB", "RGBA", "CMYK", "YCbCr")  # pixel modes that can be averaged
ORIENTATION = 0x0112  # the EXIF tag for the orientation of the camera
DEEPEST = 65_535  # the largest value of a pixel with more than 8 bits
LARGEST = 30_000_000, 8  # pixels of any image, and of a larger image per byte of its file
NO_PICTURE = "it is damaged or not an image in a supported format"


class UnfitError(ValueError):
    """A file cannot be used as an image for training; the text states the reason without a full stop."""


def other_kind(path: Path) -> str:
    """Return the name of an unsupported image format by the file's ending, such as "HEIC"; "" for all other files."""
    suffix = path.suffix.lower()
    return suffix[1:].upper() if suffix in OTHER_KINDS else ""


def shrunk(path: Path, size: int, *, colour: bool, paper: str, stretch: bool = False) -> Pixels:
    """Read the central square of an image in its upright orientation, (size, size) or (size, size, 3), 0–255.

    `paper` is the colour behind transparent pixels. With `stretch` the largest value becomes 255. Raises UnfitError.
    If the header states far more pixels than a file of this size can contain, the image is refused before it is read.
    """
    from PIL import Image, ImageOps

    if not os.path.isfile(path):  # noqa: PTH113  (Path.is_file raises for an invalid name)
        raise UnfitError("it does not exist any more or is not a file")
    try:
        with open_regular(path) as file, Image.open(file, formats=FORMATS) as image:
            _check(image, path.stat().st_size, Image.MAX_IMAGE_PIXELS)
            mode = "RGB" if colour else "L"
            image.draft(mode, (2 * size, 2 * size))  # a JPEG can be decoded at a reduced size
            flat = _flat(_upright(image, size), mode, paper, stretch)
        small = np.asarray(ImageOps.fit(flat, (size, size)))
        return _stretched(small) if stretch else small
    except UnfitError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise UnfitError(f"it has more than {Image.MAX_IMAGE_PIXELS:,} pixels") from None
    except MemoryError as error:
        raise UnfitError(why(error)) from None
    except Exception as error:  # the decoders of Pillow raise many kinds of errors
        system = isinstance(error, OSError) and error.errno is not None
        raise UnfitError(why(error) if system else NO_PICTURE) from error


def _check(image: Image, size: int, most: int | None) -> None:
    """Raise UnfitError for an image that is too small, too large, or implausibly large for its file of `size` bytes."""
    pixels = image.size[0] * image.size[1]
    if most is not None and pixels > most:
        raise UnfitError(f"it has more than {most:,} pixels")
    weight = 2 if image.mode in ("I", "F") else 1  # these modes have four bytes per pixel
    if weight * pixels > max(LARGEST[0], LARGEST[1] * size):
        raise UnfitError(f"it expands to {pixels:,} pixels, too many for a file of its size")
    if min(image.size) < SIDES[0]:
        raise UnfitError(f"it has {image.size[1]}×{image.size[0]} pixels, fewer than {SIDES[0]}×{SIDES[0]}")


def _upright(image: Image, size: int) -> Image:
    """Return the image in its upright orientation, reduced first if possible, because Pillow copies it each time."""
    from PIL import ImageOps

    image.load()
    factor = min(image.size) // (4 * size)
    if factor >= 2 and image.mode in AVERAGED and "transparency" not in image.info:
        small = image.reduce(factor)
        small.getexif()[ORIENTATION] = image.getexif().get(ORIENTATION, 1)
        image = small
    return ImageOps.exif_transpose(image)


def _flat(image: Image, mode: str, paper: str, stretch: bool) -> Image:
    """Convert an image to grey ("L") or colour ("RGB") of 8 bits, with `paper` behind transparent pixels."""
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
