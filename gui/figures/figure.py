"""A figure: one panel, drawn on white paper at a width in millimetres, without controls.

A figure has a panel of its own, which is laid out for the figure and never shown. So the size of the window, the
appearance and the text size of the program do not matter, and nothing on the screen changes. The values are computed
for the figure's own viewports. See docs/decisions/041.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec.structs import replace
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QColor, QPainter, QRegion
from PySide6.QtWidgets import QAbstractItemView, QApplication, QLayout, QWidget

from engine.caption import in_numbers
from engine.derived import ANYWHERE, Derived, Scene, Wanted, resolve
from engine.document import Document, Probe
from engine.plane import Viewport
from gui.figures.controls import fit_columns, scrolled_away, stack, taken_lines, width_needed, without_controls
from gui.figures.look import Look, Units
from gui.figures.writing import BETWEEN, Rows, Writing, figure_font
from gui.page.panel import Panel
from gui.plots.axes import Axes, settle
from gui.plots.layer import FINE
from gui.shell import theme
from gui.widgets.elided import Spans

PAGE = 240.0  # mm, the greatest height of a panel whose content scrolls on the screen
PASSES = 3  # layouts until the values fit the viewports that the values themselves have changed
LOWEST, HIGHEST = 0.5, 1.5  # the least and the greatest height for the width, unless the user chooses the height
SMALLEST = 7.0  # points of the text in a panel that needs more height than the row of figures has
LEAST = 200  # pixels of width below which plots in a row are put below one another
STACKED = 0.5  # the height of such a plot for the width of the figure
SHAPE = 0.75  # height of a panel for its width, if no panel is on the screen


class Figure:
    """One panel as a figure. Compute the values `wanted`, `take` them, until nothing is `lacking`; then `paint`."""

    def __init__(
        self,
        kind: type[Panel],
        document: Document,
        look: Look,
        like: Panel | None = None,
        region: Viewport | None = None,
    ) -> None:
        """`like` is a panel whose viewport and state the figure takes over; `region` is another viewport."""
        self.kind, self.document, self.look, self.like, self.region = kind, document, look, like, region
        self.units = Units(look.points)
        self.font = figure_font(self.units)
        self._writing = Writing(self.font, round(look.width * self.units.per_mm))
        self.title_formula = ""
        self.values: Mapping[Derived[Any], Any] = {}
        self._viewports: Wanted = {}
        self._zoom = 1.0  # less than 1 if the panel needs more than the width of the figure
        self.has_lines = True  # whether the lines of text of the panel are written below it
        self._lines: list[Spans] = []  # of the panel
        self._least = 0, 0  # the heights above and below the panel in a row of figures
        self._may_shrink = False
        self._place: Probe | None = None  # that the panel itself has chosen, as it does without a cursor
        with theme.printing(self.font) as palette:
            self.panel = kind()
            self.panel.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
            self.panel.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
            self.panel.setAttribute(Qt.WidgetAttribute.WA_QuitOnClose, on=False)
            self.panel.setPalette(palette)
            self.panel.setFont(self.font)
            self.panel.caption_changed.connect(self._on_caption)
            self.panel.probed.connect(self._on_probed)
            self.panel.echo(document)
            if like is not None:
                self.panel.resemble(like)
            for axes in self.panel.findChildren(Axes):
                axes.dress()
            self._lay_out()

    # Values

    @property
    def parts(self) -> Sequence[Figure]:
        """The figures of single panels: this one."""
        return (self,)

    @property
    def wanted(self) -> Wanted:
        """The values that the panel shows, each with the viewport of the figure. Heatmaps are fine."""
        viewports = {key: self.panel.viewport_of(key) for key in self.kind.shows}
        return {
            key: view.cells(round(view.columns * FINE), round(view.rows * FINE)) if key in self.kind.densities else view
            for key, view in viewports.items()
            if view is not None
        }

    def lacking(self, scene: Scene | None = None) -> Wanted:
        """The values still to be computed. A complete value of `scene` serves if it depends on no viewport."""
        wanted = self.wanted
        if scene is not None and scene.document is self.document:
            held = {key: scene.values[key] for key, view in wanted.items() if view == ANYWHERE and key in scene}
            self.values = {**held, **self.values}
            self._viewports = {**dict.fromkeys(held, ANYWHERE), **self._viewports}
        return {key: view for key, view in wanted.items() if self._viewports.get(key) != view}

    def take(self, values: Mapping[Derived[Any], Any], wanted: Wanted) -> None:
        """Show values, which were computed for the viewports `wanted`."""
        self.values, self._viewports = {**self.values, **values}, {**self._viewports, **wanted}
        with theme.printing(self.font):
            scene = Scene(self.document, self.values)
            self.panel.drawn = dict(self.values)
            self.panel.draw(scene)
            if self._place is not None:
                self.panel.reveal(self._place.answer(self.document))
            if self.like is not None:
                self.panel.resemble(self.like)
            self._lay_out()

    # Layout

    @property
    def width(self) -> int:
        """The width in pixels."""
        return self._writing.width

    @property
    def height(self) -> int:
        """The height in pixels, with title, legend and caption."""
        return self._above + round(self.panel.height() * self._zoom) + self._below

    @property
    def size_mm(self) -> tuple[float, float]:
        """Width and height in millimetres."""
        return self.look.width, self.height * self.look.width / self.width

    def _lay_out(self) -> None:
        """Lay out the panel at the width of the figure, without controls, high enough for its content."""
        without_controls(self.panel)
        start = round(self.width * self._shape())
        self._zoom = 1.0
        self._resize(self.width, self.panel.height() if self._lines else start)
        self._lines = taken_lines(self.panel)
        fixed = round(self.look.height * self.units.per_mm) - self._above - self._below if self.look.height else 0
        self._resize(self.width, max(fixed or start, 60))
        if stack(self.panel, LEAST, round(self.width * STACKED)):
            self._resize(self.width, self.panel.height())
        self._zoom = min(1.0, self.width / width_needed(self.panel))
        self._resize(self.width, self.panel.height())
        fit_columns(self.panel)
        need = max(self.panel.minimumSizeHint().height(), self.panel.height() + scrolled_away(self.panel))
        if self._may_shrink and need > fixed:
            self._zoom = min(self._zoom, max(fixed / need, min(SMALLEST / self.look.points, 1.0)))
            self._resize(self.width, round(fixed / self._zoom))
        for _ in range(0 if fixed else PASSES):
            need = self.panel.minimumSizeHint().height() - self.panel.height()
            more = max(scrolled_away(self.panel), need, 0)
            most = max(round(PAGE * self.units.per_mm), self.panel.height())
            self._resize(self.width, min(self.panel.height() + more, most))
        fit_columns(self.panel)  # a scroll bar has come or gone with the height
        self._fit()

    def _shape(self) -> float:
        """The height of the panel for its width."""
        like = self.like
        if like is None or not like.isVisible() or like.width() < 50:
            return SHAPE
        return min(max(like.height() / like.width(), LOWEST), HIGHEST)

    def _resize(self, width: int, height: int) -> None:
        if (layout := self.panel.layout()) is not None:
            layout.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)  # else a wide form would widen the figure
        self.panel.setMinimumSize(1, 1)
        self.panel.resize(round(width / self._zoom), height)
        if not self.panel.isVisible():
            self.panel.show()
        _settle(self.panel)

    def _fit(self) -> None:
        """Show the chosen region, or that of each plot on the screen that the user has chosen."""
        if self.region is not None:
            for axes in self.panel.findChildren(Axes)[:1]:
                axes.show_region(self.region)
        if self.like is None:
            return
        for axes, shown in zip(self.panel.findChildren(Axes), self.like.findChildren(Axes), strict=False):
            if not shown.is_at_home:
                axes.show_region(shown.shown)

    def _on_probed(self, place: Probe | None) -> None:
        self._place = place

    def _on_caption(self, text: str) -> None:
        self.title_formula = text

    @property
    def above(self) -> int:
        """The height in pixels that the title needs."""
        return self._writing.title_height(self.kind.title, self.title_formula) if self.look.title else 0

    @property
    def below(self) -> int:
        """The height in pixels that legend and caption need."""
        return self._writing.height(len(self._legend())) + self._writing.height(len(self._caption()))

    @property
    def _above(self) -> int:
        return max(self.above, self._least[0])

    @property
    def _below(self) -> int:
        return max(self.below, self._least[1])

    @property
    def lack(self) -> float:
        """The height in mm that a figure of a chosen height lacks to show all rows of its tables."""
        need = self.panel.minimumSizeHint().height() - self.panel.height()
        return max(scrolled_away(self.panel), need, 0) * self._zoom / self.units.per_mm

    def align(self, above: int, below: int, height: float, *, may_shrink: bool) -> None:
        """Have this height in mm, and at least so many pixels above and below the panel, as the others of a row.

        With `may_shrink` a panel that needs more height is made smaller, as long as its text can be read.
        """
        now = self._above, self._below, self.look.height, self._may_shrink
        if (above, below, height, may_shrink) != now:
            self._may_shrink, self._least, self.look = may_shrink, (above, below), replace(self.look, height=height)
            with theme.printing(self.font):
                self._lay_out()

    def _legend(self) -> Rows:
        """The lines below the panel: its own lines of text, and the legend of its marks."""
        of_marks = [self.panel.legend_entries()] if self.look.legend else []
        return self._writing.rows((*(self._lines if self.has_lines else ()), *of_marks))

    def _caption(self) -> list[str]:
        return self._writing.lines(in_numbers(self.document)) if self.look.caption else []

    # Drawing

    def paint(self, painter: QPainter, units_per_mm: float) -> None:
        """Draw the figure at the painter's origin, in units of which each millimetre has so many."""
        scale = units_per_mm * self.look.width / self.width
        with theme.printing(self.font):
            painter.save()
            painter.scale(scale, scale)
            painter.fillRect(0, 0, self.width, self.height, QColor("white"))
            painter.setFont(self.font)
            if self.look.title:
                self._writing.paint_title(painter, self.kind.title, self.title_formula)
            self._paint_panel(painter)
            y, legend = self._above + round(self.panel.height() * self._zoom) + BETWEEN, self._legend()
            self._writing.paint_rows(painter, y, legend)
            self._writing.paint_lines(painter, y + self._writing.height(len(legend)), self._caption())
            painter.restore()

    def enter_panel(self, painter: QPainter, units_per_mm: float) -> None:
        """Change the painter's coordinates from those of `paint` to the pixels of the panel."""
        scale = units_per_mm * self.look.width / self.width
        painter.scale(scale, scale)
        self._enter(painter)

    def _enter(self, painter: QPainter) -> None:
        painter.translate(0, self._above)
        painter.scale(self._zoom, self._zoom)

    def _paint_panel(self, painter: QPainter) -> None:
        flags = QWidget.RenderFlag.DrawChildren | QWidget.RenderFlag.DrawWindowBackground
        painter.save()
        self._enter(painter)
        painter.setClipRect(self.panel.rect())  # a scroll area cuts off nothing on paper
        self.panel.render(painter, QPoint(), QRegion(), flags)
        painter.restore()

    def close(self) -> None:
        """Delete the figure's panel."""
        self.panel.close()
        self.panel.deleteLater()


def draw_panel(
    painter: QPainter,
    units_per_mm: float,
    kind: type[Panel],
    document: Document,
    look: Look,
    like: Panel | None = None,
    scene: Scene | None = None,
) -> float:
    """Compute and draw a panel of a document at the painter's origin; return its height in mm.

    The painter has `units_per_mm` units in a millimetre; `look.width` is the width in mm. `like` is a panel on the
    screen whose viewport and state the figure takes over; `scene` has values that need not be computed again. It blocks
    until the values are computed. Raises ValueError, in one sentence, if they cannot be.
    """
    figure = made(kind, document, look, like, scene)
    try:
        figure.paint(painter, units_per_mm)
        return figure.size_mm[1]
    finally:
        figure.close()


def made(
    kind: type[Panel], document: Document, look: Look, like: Panel | None = None, scene: Scene | None = None
) -> Figure:
    """Return the complete figure of a panel. It blocks until the values are computed."""
    figure = Figure(kind, document, look, like)
    complete(figure, scene)
    return figure


def complete(figure: Figure, scene: Scene | None = None) -> None:
    """Compute the values of a figure, in this thread."""
    for _ in range(PASSES):
        lacking = figure.lacking(scene)
        figure.take(resolve(figure.document, lacking).values, lacking)
        if not figure.lacking():
            break


def _settle(panel: QWidget) -> None:
    """Carry out at once the layouts that wait for the event loop."""
    for view in panel.findChildren(QAbstractItemView):
        view.doItemsLayout()
    for _ in range(2):
        for widget in (panel, *panel.findChildren(QWidget)):
            QApplication.sendPostedEvents(widget, QEvent.Type.LayoutRequest)
            if (layout := widget.layout()) is not None:
                layout.activate()
        for axes in panel.findChildren(Axes):
            settle(axes)
