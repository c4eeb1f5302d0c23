"""Images as arrays, files of drawings as images, and the fraction of pixels in which two images differ."""

import subprocess

import numpy as np
from PySide6.QtCore import QByteArray, qInstallMessageHandler
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer
from scipy.ndimage import maximum_filter, minimum_filter, uniform_filter

CLEARLY = 32  # of 255, the difference of means over 3×3 pixels, compared within one pixel, so that edges do not count


def pixels(image):
    """Return the colours (h, w, 3) of a QImage, 0–255."""
    rgb = image.convertToFormat(QImage.Format.Format_RGB32)
    shape = rgb.height(), rgb.width(), 4
    return np.frombuffer(rgb.constBits(), np.uint8).reshape(shape)[..., :3].astype(float)


def rendered(drawing, size):
    """Return the pixels of an SVG file, and Qt's messages about the file."""
    messages = []
    before = qInstallMessageHandler(lambda *message: messages.append(message[-1]))
    image = QImage(size, QImage.Format.Format_RGB32)
    image.fill(0xFFFFFFFF)
    painter = QPainter(image)
    QSvgRenderer(QByteArray(drawing)).render(painter)
    painter.end()
    qInstallMessageHandler(before)
    return pixels(image), messages


def rendered_page(document, size):
    """Return the pixels of a PDF file of one page, by pdftoppm."""
    scale = ["-scale-to-x", str(size.width()), "-scale-to-y", str(size.height())]
    command = ["pdftoppm", "-png", "-singlefile", *scale, "-"]
    done = subprocess.run(command, input=document, capture_output=True, check=True)
    return pixels(QImage.fromData(done.stdout))


def fraction_that_differs(one, other):
    """Return the fraction of pixels whose colour the other image does not have within one pixel."""
    around = 3, 3, 1
    one, other = uniform_filter(one, around), uniform_filter(other, around)
    apart = np.zeros(one.shape, bool)
    for a, b in ((one, other), (other, one)):
        apart |= (a > maximum_filter(b, around) + CLEARLY) | (a < minimum_filter(b, around) - CLEARLY)
    return apart.any(axis=2).mean()
