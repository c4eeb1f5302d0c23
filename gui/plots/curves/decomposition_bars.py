"""The ELBO decomposition ln p(x) = reconstruction − KL + gap as bars; each bar starts at the end of the last one."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import msgspec
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.shell import theme
from gui.widgets.numbers import nats

MARGIN, BAR, AIR = 2, 10, 3  # pixels at both ends of the bars, their height, and the space above and below each
LENS, WIDE = 14, 16  # pixels between the bars and the enlarged bar of the gap, and the height of that bar
SAMPLE = 12  # pixels of a pattern before a name
TIGHT = 4  # pixels between two labels
BELOW_OPTIMUM = "below q*"
FULL, HATCH, OTHER, CROSS = (
    Qt.BrushStyle.SolidPattern,
    Qt.BrushStyle.FDiagPattern,
    Qt.BrushStyle.BDiagPattern,
    Qt.BrushStyle.DiagCrossPattern,
)


class Sum(msgspec.Struct, frozen=True):
    """The terms of the decomposition, in nats. `symbol` is the observed quantity, `error` the error bound of ln p.

    `best` is the ELBO of q*, None until it is computed; `encoder` is that of the encoder's q, None if q is that one.
    """

    symbol: str
    reconstruction: float
    kl: float
    log_evidence: float
    error: float
    best: float | None = None
    encoder: float | None = None

    @property
    def elbo(self) -> float:
        """The ELBO in nats, a lower bound on ln p (Kingma & Welling 2014, eq. 3)."""
        return self.reconstruction - self.kl

    @property
    def gap(self) -> float:
        """The gap KL(q‖posterior) = ln p − ELBO, in nats."""
        return self.log_evidence - self.elbo


class Part(msgspec.Struct, frozen=True):
    """A bar from `start` to `end` in nats, with its name, the text of its number, and its pattern; None: hollow."""

    name: str
    text: str
    start: float
    end: float
    role: str
    pattern: Qt.BrushStyle | None = FULL


class DecompositionBars(QWidget):
    """Horizontal bars whose values increase to the right; below them the gap again, enlarged to the whole width."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.sum: Sum | None = None

    def show_sum(self, sum_: Sum | None) -> None:
        """Show a decomposition; None shows nothing."""
        self.sum = sum_
        text = "; ".join(f"{part.name} {part.text}" for part in self.parts + self.split) if sum_ else ""
        self.setAccessibleDescription(text)
        self.update()

    @property
    def parts(self) -> tuple[Part, ...]:
        """The five bars, from top to bottom."""
        assert self.sum is not None
        return _parts(self.sum)

    @property
    def split(self) -> tuple[Part, ...]:
        """The two parts of the gap; empty until the ELBO of q* is computed."""
        s = self.sum
        if s is None or s.best is None:
            return ()
        name = "amortisation" if s.encoder is None else BELOW_OPTIMUM
        return (
            Part(name, nats(s.best - s.elbo), s.elbo, s.best, "variational", OTHER),
            Part(
                "approximation",
                nats(s.log_evidence - s.best) + _off(s),
                s.best,
                s.log_evidence,
                "variational",
                FULL,
            ),
        )

    # Geometry, in pixels

    @property
    def _line(self) -> int:
        return self.fontMetrics().height()

    @property
    def _row(self) -> int:
        return self._line + BAR + 2 * AIR

    def _span(self, low: float, high: float) -> tuple[float, float]:
        """Return the pixel of 0, and the pixels per nat, if the widget extends from `low` to `high`."""
        scale = (self.width() - 2 * MARGIN) / max(high - low, 1e-9)
        return MARGIN - low * scale, scale

    def box(self, i: int) -> QRectF:
        """Return the rectangle of bar `i`."""
        part = self.parts[i]
        values = [end for one in self.parts for end in (one.start, one.end)]
        zero, scale = self._span(min(values), max(values))
        return _bar(zero, scale, part, i * self._row + self._line + AIR, BAR)

    def close_up(self, part: Part) -> QRectF:
        """Return the rectangle of a part of the gap in the enlarged bar."""
        zero, scale = self._span(*self.ends)
        return _bar(zero, scale, part, self._below, WIDE)

    @property
    def ends(self) -> tuple[float, float]:
        """The values in nats at the ends of the enlarged bar."""
        assert self.sum is not None
        s = self.sum
        values = [value for value in (s.elbo, s.log_evidence, s.best, s.encoder) if value is not None]
        return min(values), max(values)

    @property
    def _below(self) -> int:
        """The y of the enlarged bar."""
        return 5 * self._row + LENS

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(8 * self._line, self._below + WIDE + 4 * self._line + 2 * AIR)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(4 * self._line, self.sizeHint().height())

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.updateGeometry()

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        if self.sum is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_connections(painter)
        for i, part in enumerate(self.parts):
            _say(painter, QRectF(MARGIN, i * self._row, self.width() - 2 * MARGIN, self._line), part.name, part.text)
            _fill(painter, self.box(i), part)
        self._paint_lens(painter)
        self._paint_gap(painter)

    def _paint_connections(self, painter: QPainter) -> None:
        """Paint a dotted line from the end of each bar to the start of the next one."""
        painter.setPen(QPen(theme.faded(theme.ink(), 0.5), 1, Qt.PenStyle.DotLine))
        for upper, lower in ((0, 1), (1, 2), (2, 3), (3, 4)):
            part, shared = self.parts[lower], self.parts[upper].end
            box = self.box(lower)
            x = box.left() if abs(min(part.start, part.end) - shared) < 1e-9 else box.right()
            painter.drawLine(QPointF(x, self.box(upper).bottom()), QPointF(x, box.top()))

    def _paint_lens(self, painter: QPainter) -> None:
        """Paint the area between the bar of the gap and its enlargement."""
        gap, low, high = self.box(3), self.box(4).bottom() + 1, self._below - 2
        assert self.sum is not None
        whole = self.close_up(Part("", "", self.sum.elbo, self.sum.log_evidence, ""))
        corners = [(gap.left(), low), (gap.right(), low), (whole.right(), high), (whole.left(), high)]
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.faded(theme.role_colour("variational"), 0.25))
        painter.drawPolygon(QPolygonF([QPointF(*corner) for corner in corners]))

    def _paint_gap(self, painter: QPainter) -> None:
        s = self.sum
        assert s is not None
        whole = Part("", "", s.elbo, s.log_evidence, "variational", CROSS)
        for part in self.split or (whole,):
            _fill(painter, self.close_up(part), part)
        y = self._below + WIDE + 1.0
        y += self._paint_marks(painter, y)
        for i, part in enumerate(self.split):
            line = QRectF(MARGIN, y + i * self._line, self.width() - 2 * MARGIN, self._line)
            sample = QRectF(MARGIN, line.center().y() - BAR / 2, SAMPLE, BAR)
            _fill(painter, sample, part)
            name = part.name if part.name == BELOW_OPTIMUM else f"{part.name} gap"
            _say(painter, line.adjusted(SAMPLE + 6, 0, 0, 0), name, part.text)

    def _paint_marks(self, painter: QPainter, y: float) -> float:
        """Paint the ticks of ln p and of each ELBO, named in two lines of text, and return the height of the lines.

        A name that fits into neither line is joined to the previous name.
        """
        zero, scale = self._span(*self.ends)
        metrics, ends = painter.fontMetrics(), [-1e9, -1e9]
        labels: list[tuple[float, int, str]] = []  # pixel, line, names
        painter.setPen(theme.ink())
        for value, name in sorted(self._marks()):
            x = zero + scale * value
            painter.drawLine(QPointF(x, y - WIDE - 3), QPointF(x, y + 2))
            left = self._left(x, metrics.horizontalAdvance(name))
            line = next((i for i in (0, 1) if left > ends[i] + TIGHT), None)
            if line is None or (labels and abs(labels[-1][0] - x) < 2):
                _, line, names = labels.pop()
                name = f"{names}, {name}"
            labels.append((x, line, name))
            ends[line] = self._left(x, metrics.horizontalAdvance(name)) + metrics.horizontalAdvance(name)
        for x, line, name in labels:
            left = self._left(x, metrics.horizontalAdvance(name))
            painter.drawText(QPointF(left, y + 1 + line * self._line + metrics.ascent()), name)
        return 2.0 * self._line

    def _left(self, x: float, wide: float) -> float:
        """Return the left end of a name of `wide` pixels, centred at x if the widget has room."""
        return min(max(x - wide / 2, MARGIN), self.width() - MARGIN - wide)

    def _marks(self) -> Iterator[tuple[float, str]]:
        s = self.sum
        assert s is not None
        yield s.elbo, "q"
        yield s.log_evidence, f"ln p({s.symbol})"
        if s.best is not None:
            yield s.best, "q*"
        if s.encoder is not None:
            yield s.encoder, "encoder"


@lru_cache(maxsize=1)
def _parts(s: Sum) -> tuple[Part, ...]:
    """The five bars of a decomposition. Cached because one paint needs them 40 times."""
    x, fit, elbo, top = s.symbol, s.reconstruction, s.elbo, s.log_evidence
    return (
        Part("reconstruction", nats(fit), 0, fit, "likelihood"),
        Part("− KL(q‖p(z))", nats(-s.kl), fit, elbo, "prior", HATCH),
        Part("= ELBO", nats(elbo), 0, elbo, "variational", None),
        Part(f"+ gap KL(q‖p(z|{x.replace('|', ', ')}))", f"+{nats(s.gap)}{_off(s)}", elbo, top, "variational", CROSS),
        Part(f"= ln p({x})", nats(top) + _off(s), 0, top, "evidence"),
    )


def _off(s: Sum) -> str:
    """The error of ln p, if it is not rounded to 0."""
    return f" ± {nats(s.error)}" if s.error >= 0.005 else ""


def _bar(zero: float, scale: float, part: Part, top: float, height: float) -> QRectF:
    left, right = sorted((zero + scale * part.start, zero + scale * part.end))
    return QRectF(left, top, max(right - left, 1.0), height)


def _fill(painter: QPainter, box: QRectF, part: Part) -> None:
    colour = theme.role_colour(part.role)
    painter.setPen(QPen(colour, 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if part.pattern is not None:
        painter.fillRect(box, _background(colour, part.pattern))
        painter.setBrush(QBrush(theme.ink() if part.pattern != FULL else colour, part.pattern))
    painter.drawRect(box)


def _background(colour: QColor, pattern: Qt.BrushStyle) -> QColor:
    return colour if pattern == FULL else theme.mixed(colour, theme.paper(), 0.75)


def _say(painter: QPainter, line: QRectF, name: str, text: str) -> None:
    """Write a number at the right end, and its name at the left end, elided if the line is too short."""
    metrics = painter.fontMetrics()
    room = line.width() - metrics.horizontalAdvance(text) - TIGHT
    painter.setPen(theme.ink())
    painter.drawText(line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
    elided = metrics.elidedText(name, Qt.TextElideMode.ElideRight, int(room))
    painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, elided)
