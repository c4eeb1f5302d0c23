"""Picture files: how a picture from a file or the clipboard is read, bounded in size whatever is in it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QMimeData, QSize, Qt
from PySide6.QtGui import QImage, QImageReader

from engine.latent.inputs.pasted import LARGEST, Pasted

SUFFIXES = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp", ".tif", ".tiff", ".pgm", ".ppm", ".pbm")
READ = 4 * LARGEST  # pixels on a side that are read at most; a JPEG is never unpacked at its full size
MOST, MOST_OF_A_JPEG = 60_000_000, 2_000_000_000  # pixels; what is larger Qt would not unpack into its 256 MB
NO_PICTURE = "The clipboard holds no picture. Copy a picture, or a picture file, first."


def from_file(path: Path) -> Pasted:
    """The picture in a file. Raises ValueError, in one sentence, if there is none that can be read."""
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
        reason = reader.errorString().rstrip(".") or "it is no picture"
        raise ValueError(f"{path.name} was not opened as a picture: {reason}.")
    return from_image(image, path.name)


def from_image(image: QImage, title: str) -> Pasted:
    """A picture at hand."""
    if max(image.width(), image.height()) > READ:
        smooth = Qt.TransformationMode.SmoothTransformation
        image = image.scaled(_fitted(image.size()), Qt.AspectRatioMode.IgnoreAspectRatio, smooth)
    return Pasted.of(_light(image), title)


def path_in(copied: QMimeData) -> Path | None:
    """The one file that was copied, if it is one."""
    urls = copied.urls()
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
