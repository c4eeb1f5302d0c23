"""Brushing over the observed image with a real mouse, and the pixels that a stroke uncovers."""

from itertools import pairwise

import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

LEFT = Qt.MouseButton.LeftButton
LINE = [(0.35, 0.35), (0.6, 0.35), (0.6, 0.6)]


def document(page):
    return page.store.document


def path(corners, steps=6):
    """Return places on the straight lines between the corners."""
    places = [corners[0]]
    for a, b in pairwise(corners):
        places += [tuple(np.add(a, np.subtract(b, a) * k / steps)) for k in range(1, steps + 1)]
    return places


def pixel(image, place):
    square = image.square
    return QPoint(round(square.left() + place[0] * square.width()), round(square.top() + place[1] * square.height()))


def brush(panel, corners=LINE):
    """Draw one stroke with the mouse."""
    image = panel.image
    QTest.mousePress(image, LEFT, pos=pixel(image, corners[0]))
    for place in path(corners)[1:]:
        QTest.mouseMove(image, pixel(image, place))
    QTest.mouseRelease(image, LEFT, pos=pixel(image, corners[-1]))


def under(corners, width, shape):
    """Return which pixel centres lie within half a width of a line, and which are too close to the edge to decide.

    The distance to the line is that to the nearest of many places on it. Positions of the mouse are rounded to pixels
    of the screen, so a pixel centre within 0.01 of the edge may be on either side.
    """
    line = np.array(path(corners, 400))
    row, column = np.indices(shape)
    middles = np.stack([(column + 0.5) / shape[1], (row + 0.5) / shape[0]], axis=-1)
    away = np.linalg.norm(middles[:, :, None] - line, axis=-1).min(axis=-1)
    return away <= width / 2, np.abs(away - width / 2) < 0.01


def scored(page):
    vae = document(page).loaded_model.vae
    pixels = document(page).input.pixels(vae.card.recipe.data, vae.image_shape)
    return vae.scored(pixels / np.float32(255))
