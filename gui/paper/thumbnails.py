"""The thumbnails of a lecture: small pictures of all steps with their numbers and titles, on few pages."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from engine.lecture.check import unavailable
from engine.lecture.documents import stages
from engine.lecture.lecture import Lecture, Step
from gui.figures.files import image_of, png
from gui.lecture.titles import titles_in
from gui.paper.grid import Style
from gui.paper.leaf import HEIGHT, MARGIN, WIDTH, Leaf
from gui.paper.step_figure import Sizes, figure_of_stage
from gui.paper.work import News, Wish, Work

ACROSS, DOWN = 5, 4  # thumbnails on a page
GAP, WORDS = 4.0, 5.0  # mm between two thumbnails, and for the words below one
LARGER = 3.0  # the size at which a thumbnail is laid out, so that its panels have their proportions
FINE = 300 / 96  # pixels of an image for each 1/96 inch
POINTS = 7.0
PALE = QColor("#767676")


class Thumbnail:
    """The picture of one step, as an image with 300 dots in an inch, or why there is none."""

    def __init__(self, number: int, step: Step, image: QImage | None) -> None:
        self.number, self.step, self.image = number, step, image


def thumbnails(lecture: Lecture, selection: str, ending: str) -> Work:
    """The work on the thumbnails: a PDF file of several pages, or one PNG image."""
    steps, found = lecture.selected(selection), []
    size = Sizes((WIDTH - 2 * MARGIN - GAP * (ACROSS - 1)) / ACROSS, 0.0)
    size.height = (HEIGHT - 44.0 - GAP * (DOWN - 1)) / DOWN - WORDS
    for n, step in enumerate(steps, 1):
        yield News(f"{n} of {len(steps)}: {step.title}", (n - 1) / (len(steps) + 1))
        found.append(Thumbnail(n, step, (yield from _image(lecture, step, size))))
    if ending == ".png":
        return png(_Board(found, size, GAP), FINE)
    leaf = Leaf(lecture.head.title, lecture.head.title)
    try:
        for i in range(0, len(found), ACROSS * DOWN):
            leaf.begin(lecture.head.title, selection)
            leaf.draw(_Board(found[i : i + ACROSS * DOWN], size), MARGIN, leaf.y)
        return leaf.content()
    finally:
        leaf.end()


def _image(lecture: Lecture, step: Step, size: Sizes) -> Generator[Wish | News, Any, QImage | None]:
    """Draw one step; return its image, None if it cannot be shown."""
    if unavailable(lecture, step, titles_in):
        return None
    room = Sizes(LARGER * size.width, LARGER * size.height)
    grid = figure_of_stage(step, stages(lecture, step.id)[-1], {}, room, Style(8.0, title=True))
    if grid is None:
        return None
    try:
        yield from grid.complete()
        width, height = grid.size_mm
        return image_of(grid, FINE * min(size.width / width, size.height / height))
    except ValueError:
        return None
    finally:
        grid.close()


class _Board:
    """Thumbnails in rows, as a drawing with a margin around them, in mm."""

    def __init__(self, found: Sequence[Thumbnail], size: Sizes, margin: float = 0.0) -> None:
        self.found, self.size, self.margin = found, size, margin

    @property
    def size_mm(self) -> tuple[float, float]:
        """Width and height in millimetres."""
        rows = -(-len(self.found) // ACROSS)
        width, height = ACROSS * (self.size.width + GAP) - GAP, rows * (self.size.height + WORDS + GAP) - GAP
        return width + 2 * self.margin, height + 2 * self.margin

    def paint(self, painter: QPainter, units_per_mm: float) -> None:
        """Draw the board at the painter's origin."""
        for i, thumbnail in enumerate(self.found):
            x = self.margin + (i % ACROSS) * (self.size.width + GAP)
            y = self.margin + (i // ACROSS) * (self.size.height + WORDS + GAP)
            painter.save()
            painter.translate(x * units_per_mm, y * units_per_mm)
            painter.scale(units_per_mm, units_per_mm)
            self._paint_one(painter, thumbnail)
            painter.restore()

    def _paint_one(self, painter: QPainter, thumbnail: Thumbnail) -> None:
        """Draw a thumbnail and its words, in millimetres."""
        frame = QRectF(0, 0, self.size.width, self.size.height)
        image = thumbnail.image
        painter.setPen(QPen(PALE, 0.15))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(frame)
        if image is not None:
            scale = min(frame.width() / image.width(), frame.height() / image.height()) * 0.97
            place = QRectF(0, 0, image.width() * scale, image.height() * scale)
            place.moveCenter(frame.center())
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(place, image)
        words = f"{thumbnail.number}  {thumbnail.step.title}"
        _write(painter, QRectF(0, self.size.height + 0.6, self.size.width, WORDS), words, QColor("black"))
        if image is None:
            _write(painter, frame, "not in this version", PALE, middle=True)


def _write(painter: QPainter, place: QRectF, words: str, colour: QColor, *, middle: bool = False) -> None:
    """Write words of POINTS in a rectangle, whose lengths are in mm; words that do not fit are elided."""
    pixel = 25.4 / 96
    font = painter.font()
    font.setPixelSize(round(POINTS * 96 / 72))
    painter.save()
    painter.scale(pixel, pixel)
    painter.setFont(font)
    painter.setPen(colour)
    wide = place.width() / pixel
    words = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, int(wide))
    box = QRectF(place.left() / pixel, place.top() / pixel, wide, place.height() / pixel)
    flags = Qt.AlignmentFlag.AlignCenter if middle else Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
    painter.drawText(box, flags, words)
    painter.restore()
