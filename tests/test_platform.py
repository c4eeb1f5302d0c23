"""That this Python, this Qt and this binding can live together."""

import sys
import time

import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImage, QPainter, QTransform


@pytest.mark.slow
def test_qt_calls_do_not_eat_references(qapp):
    """Some pairs of binding and interpreter drop a reference to None, True or a number with every call, and abort."""
    image = QImage(16, 16, QImage.Format.Format_ARGB32)
    watched = (None, True, False, 0, 1)
    before = [sys.getrefcount(thing) for thing in watched]
    end = time.monotonic() + 1
    calls = 0
    while time.monotonic() < end and calls < 200_000:
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setTransform(QTransform().translate(1, 0))
        painter.drawRect(QRectF(QPointF(0, 0), QPointF(3, 3)).toRect())
        painter.fillRect(image.rect(), painter.pen().color())
        image.isNull(), image.rect().contains(1, 1), qapp.startingUp(), qapp.objectName(), qapp.property("x")
        painter.end()
        calls += 10
    drift = [sys.getrefcount(thing) - count for thing, count in zip(watched, before, strict=True)]
    assert min(drift) > -100, f"references lost in {calls} calls: {drift}"
