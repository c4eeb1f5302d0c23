"""Picture files: reads an image from a file or from the clipboard, and limits its size."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QMimeData, QSize, Qt
from PySide6.QtGui import QImage, QImageReader

from engine.files import open_regular, quoted
from engine.latent.inputs.pasted import LARGEST, Pasted

READ = 4 * LARGEST  # pixels on a side, at most; a larger JPEG is decoded at a smaller scale
FAINT = 26  # levels of light, a tenth of all: a smaller range is one brightness
MOST, MOST_FOR_EACH = 30_000_000, 8  # pixels that are decoded, and of a larger file for each of its bytes
MOST_OF_A_JPEG = 200_000_000  # pixels
HEAD = 12  # bytes that decide the kind
STARTS = {
    b"\x89PNG\r\n\x1a\n": b"png",
    b"\xff\xd8\xff": b"jpeg",
    b"GIF8": b"gif",
    b"BM": b"bmp",
    b"II*\0": b"tiff",
    b"MM\0*": b"tiff",
    **{b"P%d" % i: kind for i, kind in enumerate([b"pbm", b"pgm", b"ppm"] * 2, 1)},
}  # the first bytes of a file of each kind, and its name in Qt
KINDS = "PNG, JPEG, GIF, BMP, WebP, TIFF and PNM"
NO_CLIPBOARD_IMAGE = "The clipboard does not contain an image. Copy an image, or an image file, first."


def from_file(path: Path) -> Pasted:
    """Return the image in a file. Raises ValueError, with the reason, if the file cannot be read as an image.

    The first bytes decide which kind of raster image it is: no other reader of Qt opens the file.
    """
    name = quoted(path.name)
    with open_regular(path) as file:
        kind, weight = kind_of(file.read(HEAD)), file.seek(0, 2)
    if not kind:
        raise ValueError(f"{name} was not opened as an image: it is none of the kinds {KINDS}.")
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
        raise ValueError(f"{name} was not opened as an image: it is damaged.")
    return from_image(image, path.name)


def kind_of(head: bytes) -> bytes:
    """The name that Qt has for the kind of raster picture that begins like this; empty for all other kinds."""
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return b"webp"
    return next((kind for start, kind in STARTS.items() if head.startswith(start)), b"")


def from_image(image: QImage, title: str) -> Pasted:
    """Return an image in memory as an input, reduced to at most READ pixels on a side."""
    if max(image.width(), image.height()) > READ:
        smooth = Qt.TransformationMode.SmoothTransformation
        image = image.scaled(_fitted(image.size()), Qt.AspectRatioMode.IgnoreAspectRatio, smooth)
    return Pasted.of(_light(image), title)


def path_in(copied: QMimeData | None) -> Path | None:
    """Return the path of the copied file; None unless exactly one local file was copied."""
    urls = copied.urls() if copied is not None else []  # there is no clipboard without a focus under Wayland
    return Path(urls[0].toLocalFile()) if len(urls) == 1 and urls[0].isLocalFile() else None


def _fitted(size: QSize) -> QSize:
    return size.scaled(READ, READ, Qt.AspectRatioMode.KeepAspectRatio).expandedTo(QSize(1, 1))


def _light(image: QImage) -> NDArray[np.uint8]:
    """Return light (h, w) or (h, w, 3) in 0–255, with transparent pixels on a white ground.

    The ground is black if nothing could be seen on white, as with white strokes.
    """
    grey, image = image.isGrayscale(), image.convertToFormat(QImage.Format.Format_RGBA8888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    rgba = rows[:, : 4 * image.width()].reshape(image.height(), image.width(), 4).astype(np.float32)
    cover = rgba[..., 3:] / 255
    on_white, on_black = (np.rint(rgba[..., :3] * cover + ground * (1 - cover)).astype(np.uint8) for ground in (255, 0))
    light = on_black if np.ptp(on_white) < FAINT <= np.ptp(on_black) else on_white
    return light[..., 0] if grey else light
