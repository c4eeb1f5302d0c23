"""Filming: a figure for each step of the observations, one after the other, as the frames of an animation."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage

from gui.figures.files import image_of
from gui.figures.look import Look
from gui.figures.maker import Maker, Parts, figure_of
from gui.page.page import Page

MOST = 200  # frames of an animation
NO_STEPS = "This page has no observations to step through. Make some first."
TOO_MANY = f"An animation has at most {MOST} steps. Remove some observations, or import fewer."


class Filming(QObject):
    """Makes the figures of all steps of a page. The page itself does not step."""

    progressed = Signal(float)  # the fraction of the frames that are drawn
    filmed = Signal(object)  # the frames (n, h, w, 3), RGB
    failed = Signal(object)  # a Failure

    def __init__(self, page: Page, title: str, look: Look, parent: QObject) -> None:
        """Raises ValueError, in one sentence, if the page has no steps, or too many."""
        super().__init__(parent)
        self.page, self.title, self.look = page, title, look
        _, self.last = page.view.position or (0, 0)
        if not self.last:
            raise ValueError(NO_STEPS)
        if self.last >= MOST:
            raise ValueError(TOO_MANY)
        self.document: Any = page.store.document
        self.frames: list[NDArray[np.uint8]] = []
        self.maker = Maker(page, self)
        self.maker.made.connect(self._on_made)
        self.maker.failed.connect(self.failed)

    def start(self) -> None:
        """Draw the next frame."""
        document = self.document.step_to(len(self.frames))
        self.maker.make(figure_of(self.page, self.title, self.look, document))

    def _on_made(self, figure: Parts) -> None:
        self.frames.append(_array(image_of(figure, self.look.scale)))
        self.progressed.emit(len(self.frames) / (self.last + 1))
        if len(self.frames) > self.last:
            self.filmed.emit(_same_size(self.frames))
        else:
            QTimer.singleShot(0, self, self.start)  # so that Cancel is heard between two frames

    def close(self) -> None:
        """Stop."""
        self.maker.close()


def _array(image: QImage) -> NDArray[np.uint8]:
    """Return the pixels (h, w, 3) of an image."""
    rgb = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(rgb.constBits(), np.uint8).reshape(rgb.height(), rgb.bytesPerLine())
    return rows[:, : 3 * rgb.width()].reshape(rgb.height(), rgb.width(), 3).copy()


def _same_size(frames: list[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    """Return frames (n, h, w, 3) with white below those that are lower than the highest."""
    high, wide = (max(frame.shape[i] for frame in frames) for i in (0, 1))
    whole = np.full((len(frames), high, wide, 3), 255, np.uint8)
    for one, frame in zip(whole, frames, strict=True):
        one[: frame.shape[0], : frame.shape[1]] = frame
    return whole
