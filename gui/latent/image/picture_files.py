"""Picture files: reads an image from a file or from the clipboard, and limits its size."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QMimeData, QSize, Qt
from PySide6.QtGui import QImage, QImageReader

from engine.latent.inputs.pasted import LARGEST, Pasted

SUFFIXES = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp", ".tif", ".tiff", ".pgm", ".ppm", ".pbm")
READ = 4 * LARGEST  # pixels on a side, at most; a larger JPEG is decoded at a smaller scale
MOST, MOST_OF_A_JPEG = 60_000_000, 2_000_000_000  # pixels; Qt does not decode larger images into its 256 MB
NO_CLIPBOARD_IMAGE = "The clipboard does not contain an image. Copy an image, or an image file, first."


def from_file(path: Path) -> Pasted:
    """Return the image in a file. Raises ValueError, with the reason, if the file cannot be read as an image."""
    reader = QImageReader(str(path))
    reader.setAutoTransform(True)
    reader.setDecideFormatFromContent(True)
    size = reader.size()
    if size.width() * size.height() > (MOST_OF_A_JPEG if reader.format() == b"jpeg" else MOST):
        raise ValueError(f"{path.name} is too large: it has {size.width():,}×{size.height():,} pixels.")
    if size.isValid() and max(size.width(), size.height()) > READ:
        reader.setScaledSize(_fitted(size))
    image = reader.read()
    if image.isNull():
        reason = reader.errorString().rstrip(".") or "it is not an image"
        raise ValueError(f"{path.name} was not opened as an image: {reason}.")
    return from_image(image, path.name)


def from_image(image: QImage, title: str) -> Pasted:
    """Return an image in memory as an input, reduced to at most READ pixels on a side."""
    if max(image.width(), image.height()) > READ:
        smooth = Qt.TransformationMode.SmoothTransformation
        image = image.scaled(_fitted(image.size()), Qt.AspectRatioMode.IgnoreAspectRatio, smooth)
    return Pasted.of(_light(image), title)


def path_in(copied: QMimeData) -> Path | None:
    """Return the path of the copied file; None unless exactly one local file was copied."""
    urls = copied.urls()
    return Path(urls[0].toLocalFile()) if len(urls) == 1 and urls[0].isLocalFile() else None


def _fitted(size: QSize) -> QSize:
    return size.scaled(READ, READ, Qt.AspectRatioMode.KeepAspectRatio).expandedTo(QSize(1, 1))


def _light(image: QImage) -> NDArray[np.uint8]:
    """Return light (h, w) or (h, w, 3) in 0–255, with transparent pixels on a white ground."""
    grey, image = image.isGrayscale(), image.convertToFormat(QImage.Format.Format_RGBA8888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    rgba = rows[:, : 4 * image.width()].reshape(image.height(), image.width(), 4).astype(np.float32)
    cover = rgba[..., 3:] / 255
    light = np.rint(rgba[..., :3] * cover + 255 * (1 - cover)).astype(np.uint8)
    return light[..., 0] if grey else light
