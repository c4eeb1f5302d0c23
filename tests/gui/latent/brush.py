"""A real mouse that brushes over the observed image, and which pixels it should have uncovered."""

from itertools import pairwise

import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

LEFT = Qt.MouseButton.LeftButton
LINE = [(0.35, 0.35), (0.6, 0.35), (0.6, 0.6)]


def document(page):
    return page.store.document


def path(corners, steps=6):
    found = [corners[0]]
    for a, b in pairwise(corners):
        found += [tuple(np.add(a, np.subtract(b, a) * k / steps)) for k in range(1, steps + 1)]
    return found


def pixel(image, place):
    square = image.square
    return QPoint(round(square.left() + place[0] * square.width()), round(square.top() + place[1] * square.height()))


def brush(panel, corners=LINE):
    """A stroke of the mouse."""
    image = panel.image
    QTest.mousePress(image, LEFT, pos=pixel(image, corners[0]))
    for place in path(corners)[1:]:
        QTest.mouseMove(image, pixel(image, place))
    QTest.mouseRelease(image, LEFT, pos=pixel(image, corners[-1]))


def under(corners, width, shape):
    """Which pixels' middles lie within half a width of a line, by the distance to very many places on it."""
    line = np.array(path(corners, 400))
    row, column = np.indices(shape)
    middles = np.stack([(column + 0.5) / shape[1], (row + 0.5) / shape[0]], axis=-1)
    away = np.linalg.norm(middles[:, :, None] - line, axis=-1).min(axis=-1)
    return away <= width / 2, np.abs(away - width / 2) < 0.01  # and where rounding to screen pixels may decide


def scored(page):
    vae = document(page).manifold.vae
    pixels = document(page).input.pixels(vae.card.recipe.data, vae.image_shape)
    return vae.scored(pixels / np.float32(255))
