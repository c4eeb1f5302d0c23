"""The base class of panels with one plot, which converts mouse and keyboard input to edits and probes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QVBoxLayout

from engine.derived import Derived
from engine.document import Document
from engine.plane import Viewport
from gui.page.panel import Panel
from gui.page.store import Edit
from gui.plots.axes import rounded_to_pixels
from gui.plots.plot import Plot
from gui.widgets.notice import Notice


class PlotPanel(Panel):
    """A panel with one plot. A subclass defines the plot, its plane, and the edit of each gesture."""

    plane: ClassVar[str]  # the name of the plane; panels with the same plane share pan and zoom
    hint: ClassVar[str]  # the actions of the mouse

    def __init__(self, plot: Plot) -> None:
        super().__init__()
        self.plot = plot
        self.notice = Notice(plot, lambda: plot.area)
        self.document: Any = None
        self._gesture = object()
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(0)
        self.column.addWidget(plot)
        self.setFocusProxy(plot)
        plot.usage = f"{self.sentence} {self.hint}"
        plot.setAccessibleDescription(plot.usage)
        plot.moved.connect(self._on_moved)
        plot.left.connect(self._on_left)
        plot.clicked.connect(self._on_clicked)
        plot.picked.connect(self._on_picked)
        plot.dragged.connect(self._on_dragged)
        plot.dropped.connect(self._on_dropped)
        plot.removed.connect(self._on_removed)
        plot.stepped.connect(self._on_stepped)
        plot.viewport_changed.connect(self._on_viewport_changed)
        plot.navigated.connect(self._on_navigated)
        plot.menu_wanted.connect(self.menu_wanted)
        self._fit = QAction("Fit", self)
        self._fit.triggered.connect(plot.go_home)

    def choices(self) -> list[QAction]:
        return [self._fit]

    def place_at(self, x: float, y: float) -> Any:
        """The probe for a cursor at (x, y)."""
        raise NotImplementedError

    def click(self, x: float, y: float) -> Edit:
        """The edit of a click at (x, y)."""
        raise NotImplementedError

    def drag(self, handle: int, x: float, y: float, gesture: object) -> Edit:
        """The edit of dragging a handle to (x, y). All edits of one drag have the same gesture."""
        raise ValueError("Nothing can be dragged here.")

    def remove(self, handle: int) -> Edit:
        """The edit that removes a handle."""
        raise ValueError("Nothing can be removed here.")

    def step(self, by: int) -> Edit | None:
        """The edit of Space (`by` 1) or Shift+Space (`by` −1); None for no edit."""
        return None

    def echo(self, document: Document) -> None:
        self.document = document

    def follow(self, plane: str, viewport: Viewport | None) -> None:
        if plane != self.plane:
            return
        if viewport is None:
            self.plot.fit_to_content()
        else:
            self.plot.look_at(viewport)

    def _on_moved(self, x: float, y: float) -> None:
        self.hint_changed.emit(self.hint)
        self.probed.emit(self.place_at(x, y))

    def _on_left(self) -> None:
        self.hint_changed.emit("")
        self.probed.emit(None)

    def _try(self, gesture: Callable[..., Edit | None], *where: Any) -> None:
        """Emit the edit of a gesture, or the reason why the gesture is refused."""
        try:
            edit = gesture(*where)
        except ValueError as refusal:
            self.refused.emit(str(refusal))
        else:
            if edit is not None:
                self.edited.emit(edit)

    def _on_clicked(self, x: float, y: float) -> None:
        self._try(self.click, *rounded_to_pixels(self.plot.shown, x, y))

    def _on_picked(self, handle: int) -> None:
        """Do nothing at a click on a handle. A subclass with selectable handles overrides this."""

    def _on_dragged(self, handle: int, x: float, y: float) -> None:
        self._try(self.drag, handle, *rounded_to_pixels(self.plot.shown, x, y), (id(self), self._gesture))
        self.probed.emit(self.place_at(x, y))

    def _on_dropped(self) -> None:
        self._gesture = object()

    def _on_removed(self, handle: int) -> None:
        self._try(self.remove, handle)

    def _on_stepped(self, by: int) -> None:
        self._try(self.step, by)

    def viewport_of(self, key: Derived[Any]) -> Viewport | None:
        return self.plot.shown

    def _on_viewport_changed(self, viewport: Viewport) -> None:
        self.notice.follow()
        if self.seen:
            self.want()

    def _on_navigated(self, viewport: Viewport | None) -> None:
        self.navigated.emit(self.plane, viewport)
