"""Shrinking: a picture file of any common kind, as a small square of bytes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from engine.latent.datasets.own_files import SIDES, Pixels

if TYPE_CHECKING:
    from PIL.Image import Image

FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP", "TIFF", "PPM")
DEEPEST = 65_535  # the lightest that a pixel of more than a byte can be
NO_PICTURE = "it is damaged, or no picture of a kind that can be read"


class UnfitError(ValueError):
    """Why a file is no picture to train on, in a few words."""


def shrunk(path: Path, size: int, *, colour: bool, paper: str) -> Pixels:
    """The middle square of a picture, upright, (size, size) or (size, size, 3); `paper` is what shows through it.

    Raises UnfitError. The picture is refused by its head if it is too large to be opened in good conscience.
    """
    from PIL import Image, ImageOps

    if not path.is_file():
        raise UnfitError("it is not there any more, or no file")
    try:
        with Image.open(path, formats=FORMATS) as image:
            _check(image.size, Image.MAX_IMAGE_PIXELS)
            image.draft("RGB" if colour else "L", (2 * size, 2 * size))  # of a JPEG a part is enough to read
            flat = _flat(ImageOps.exif_transpose(image), "RGB" if colour else "L", paper)
        return np.asarray(ImageOps.fit(flat, (size, size)))
    except UnfitError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise UnfitError(f"it has more than {Image.MAX_IMAGE_PIXELS:,} pixels") from None
    except Exception as error:  # of any kind, from readers of many kinds of files
        reason = isinstance(error, OSError) and error.strerror
        raise UnfitError(reason.lower() if reason else NO_PICTURE) from error


def _check(size: tuple[int, int], most: int | None) -> None:
    if most is not None and size[0] * size[1] > most:
        raise UnfitError(f"it has more than {most:,} pixels")
    if min(size) < SIDES[0]:
        raise UnfitError(f"it has {size[1]}×{size[0]} pixels, and {SIDES[0]}×{SIDES[0]} are the least")


def _flat(image: Image, mode: str, paper: str) -> Image:
    """In grey ("L") or colour ("RGB"), of a byte each, on paper."""
    from PIL import Image

    if image.mode == "F" or image.mode.startswith("I"):
        deep = np.asarray(image)
        if deep.dtype.kind == "f" or deep.min() < 0 or deep.max() > DEEPEST:
            raise UnfitError("its pixels have more than 16 bits")
        image = Image.fromarray((deep // 257).astype(np.uint8))
    if image.has_transparency_data:
        sheet = Image.new("RGBA", image.size, paper)
        sheet.alpha_composite(image.convert("RGBA"))
        image = sheet
    return image.convert(mode)
