"""Picture files: how a picture from a file or the clipboard is read, bounded in size whatever is in it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QMimeData, QSize, Qt
from PySide6.QtGui import QImage, QImageReader

from engine.files import open_regular, quoted
from engine.latent.inputs.pasted import LARGEST, Pasted

SUFFIXES = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp", ".tif", ".tiff", ".pgm", ".ppm", ".pbm")
READ = 4 * LARGEST  # pixels on a side that are read at most; a JPEG is never unpacked at its full size
MOST, MOST_FOR_EACH = 30_000_000, 8  # pixels that are unpacked, and of a larger file for each of its bytes
MOST_OF_A_JPEG = 200_000_000  # pixels
HEAD = 12  # bytes by which the kind is known
STARTS = {
    b"\x89PNG\r\n\x1a\n": b"png",
    b"\xff\xd8\xff": b"jpeg",
    b"GIF8": b"gif",
    b"BM": b"bmp",
    b"II*\0": b"tiff",
    b"MM\0*": b"tiff",
    **{b"P%d" % i: kind for i, kind in enumerate([b"pbm", b"pgm", b"ppm"] * 2, 1)},
}  # how a file of each kind begins, and its name in Qt
KINDS = "PNG, JPEG, GIF, BMP, WebP, TIFF and PNM"
NO_PICTURE = "The clipboard holds no picture. Copy a picture, or a picture file, first."


def from_file(path: Path) -> Pasted:
    """The picture in a file. Raises ValueError, in one sentence, if there is none that can be read.

    The first bytes decide which kind of raster picture it is: no other reader of Qt ever sees the file.
    """
    name = quoted(path.name)
    with open_regular(path) as file:
        kind, weight = kind_of(file.read(HEAD)), file.seek(0, 2)
    if not kind:
        raise ValueError(f"{name} was not opened as a picture: it is none of the kinds {KINDS}.")
    reader = QImageReader(str(path), kind)
    reader.setAutoTransform(True)
    reader.setAutoDetectImageFormat(False)
    size = reader.size()
    if size.width() * size.height() > (MOST_OF_A_JPEG if kind == b"jpeg" else max(MOST, MOST_FOR_EACH * weight)):
        raise ValueError(f"{name} is too large: it has {size.width():,}×{size.height():,} pixels.")
    if size.isValid() and max(size.width(), size.height()) > READ:
        reader.setScaledSize(_fitted(size))
    image = reader.read()
    if image.isNull():
        raise ValueError(f"{name} was not opened as a picture: it is damaged.")
    return from_image(image, path.name)


def kind_of(head: bytes) -> bytes:
    """The name that Qt has for the kind of raster picture that begins like this; empty for all other kinds."""
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return b"webp"
    return next((kind for start, kind in STARTS.items() if head.startswith(start)), b"")


def from_image(image: QImage, title: str) -> Pasted:
    """A picture at hand."""
    if max(image.width(), image.height()) > READ:
        smooth = Qt.TransformationMode.SmoothTransformation
        image = image.scaled(_fitted(image.size()), Qt.AspectRatioMode.IgnoreAspectRatio, smooth)
    return Pasted.of(_light(image), title)


def path_in(copied: QMimeData | None) -> Path | None:
    """The one file that was copied, if it is one."""
    urls = copied.urls() if copied is not None else []  # there is no clipboard without a focus under Wayland
    return Path(urls[0].toLocalFile()) if len(urls) == 1 and urls[0].isLocalFile() else None


def _fitted(size: QSize) -> QSize:
    return size.scaled(READ, READ, Qt.AspectRatioMode.KeepAspectRatio).expandedTo(QSize(1, 1))


def _light(image: QImage) -> NDArray[np.uint8]:
    """Light (h, w) or (h, w, 3) of 0–255; what is see-through lies on white."""
    grey, image = image.isGrayscale(), image.convertToFormat(QImage.Format.Format_RGBA8888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    rgba = rows[:, : 4 * image.width()].reshape(image.height(), image.width(), 4).astype(np.float32)
    cover = rgba[..., 3:] / 255
    light = np.rint(rgba[..., :3] * cover + 255 * (1 - cover)).astype(np.uint8)
    return light[..., 0] if grey else light
