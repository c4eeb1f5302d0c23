"""The commands for figures: they copy or export the panel with the focus, or the panel whose menu is open."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QWidget

from engine.snippets.panels import snippets_of, why_none
from engine.snippets.snippet import Snippets
from gui.figures.look import saved_choices
from gui.page.commands import Command
from gui.page.jobs import Failure, Latest
from gui.page.panel import Panel
from gui.page.view import View
from gui.shell.export import write_file
from gui.shell.page_stack import PageStack
from gui.shell.settings import Settings

if TYPE_CHECKING:
    from gui.figures.maker import Maker, Parts

NO_NUMPY = "The number of the panel {} needs more than a dozen lines of NumPy. Copy as Python instead."
TABLES = {".csv": "Table"}


def _in_front(view: View, kind: type[Panel]) -> type[Panel]:
    """The class of the panel that covers a panel, because it is the chosen tab of its group; or the panel's own."""
    if kind.title in view.seen_titles:
        return kind
    group = view.tabifiedDockWidgets(view.docks[kind.title])
    over = (other for other in view.kinds if other.title in view.seen_titles and view.docks[other.title] in group)
    return next(over, kind)


class Figures(QObject):
    """The owner of the commands. Each acts on the panel with the focus, or else on the first visible panel."""

    refused = Signal(str)  # the reason why nothing was exported
    said = Signal(str)  # what was exported

    def __init__(self, window: QWidget, stack: PageStack, settings: Settings) -> None:
        super().__init__(window)
        self.window, self.stack, self.settings = window, stack, settings
        self.maker: Maker | None = None  # of the figure that a command uses
        self._line: Latest | None = None  # writes the program that is to be copied
        self._use: Callable[[Parts], None] = self._copy
        self.writer = Latest("numbers", parent=self)
        self.writer.delivered.connect(self._on_written)
        self.writer.failed.connect(self._on_not_written)

    @property
    def kind(self) -> type[Panel]:
        """The class of the panel with the focus, or else of the first visible panel."""
        view = self.stack.view
        widget: QWidget | None = self.window.focusWidget()
        while widget is not None:
            for kind in view.kinds:
                if widget is view.docks[kind.title]:
                    return _in_front(view, kind)
            widget = widget.parentWidget()
        return next((kind for kind in view.kinds if kind.title in view.seen_titles), view.kinds[0])

    def fill_menu(self, kind: type[Panel], menu: QMenu) -> None:
        """Add the commands of a panel to its menu."""
        menu.addSeparator()
        menu.addAction("Copy picture", partial(self.copy_picture, kind))
        menu.addAction("Export figure…", partial(self.export_figure, kind))
        menu.addAction("Numbers as CSV…", partial(self.try_to, self.save_numbers, kind))
        if (snippets := self._snippets(kind)) is not None:
            menu.addAction("Copy as Python", partial(self.copy_python, kind))
            if snippets.numpy is not None:
                menu.addAction("Copy as NumPy", partial(self.copy_numpy, kind))

    def try_to(self, act: Callable[[type[Panel]], None], kind: type[Panel]) -> None:
        """Act on a panel from its menu, or emit the reason why this is not possible."""
        try:
            act(kind)
        except ValueError as reason:
            self.refused.emit(str(reason))

    def export_figure(self, kind: type[Panel] | None = None) -> None:
        """Open the dialog in which a figure of a panel is chosen and saved."""
        from gui.figures.dialog import FigureDialog  # imported here, because it delays the start

        FigureDialog(self.window, self.stack.page, self.settings, (kind or self.kind).title).open()

    def copy_picture(self, kind: type[Panel] | None = None) -> None:
        """Copy a figure of a panel to the clipboard, with the look that was chosen last."""
        self._make(kind or self.kind, self._copy)

    def _copy(self, figure: Parts) -> None:
        from gui.figures.files import image_of

        QGuiApplication.clipboard().setImage(image_of(figure, saved_choices(self.settings).scale))
        self.said.emit("The picture is on the clipboard.")

    def save_numbers(self, kind: type[Panel] | None = None) -> None:
        """Open a file dialog, and write the numbers that a panel shows to the chosen file, as a table."""
        from gui.figures.files import ask_for_path

        chosen = kind or self.kind
        path = ask_for_path(self.window, "numbers", "Numbers as CSV", chosen.title.strip("×∝ "), TABLES)
        if path is not None:
            self._make(chosen, partial(self._write, path))

    def _write(self, path: Path, figure: Parts) -> None:
        from gui.figures.numbers import numbers_of

        try:
            numbers = [each for part in figure.parts for each in numbers_of(part.panel)]
        except ValueError as reason:
            self.refused.emit(str(reason))
        else:
            self.writer.submit(partial(_written, path, numbers))

    # Programs

    def _snippets(self, kind: type[Panel]) -> Snippets | None:
        return snippets_of(self.stack.view.name, kind.title)

    def why_no_program(self, *, numpy: bool) -> str:
        """The reason why the panel with the focus has no program; "" if it has one."""
        snippets = self._snippets(self.kind)
        if snippets is None:
            return why_none(self.stack.view.name, self.kind.title)
        return NO_NUMPY.format(self.kind.title) if numpy and snippets.numpy is None else ""

    def copy_python(self, kind: type[Panel] | None = None) -> None:
        """Copy a program that computes the number of a panel with the engine."""
        if (snippets := self._snippets(kind or self.kind)) is not None:
            self._copy_program(snippets.python)

    def copy_numpy(self, kind: type[Panel] | None = None) -> None:
        """Copy a program that computes the number of a panel with NumPy alone."""
        if (snippets := self._snippets(kind or self.kind)) is not None and snippets.numpy is not None:
            self._copy_program(snippets.numpy)

    def _copy_program(self, program: Callable[[Any], str]) -> None:
        """Write a program in the thread of the scenes, because it ends with the number."""
        page = self.stack.page
        self._end_line()
        self._line = page.new_line("program")
        self._line.delivered.connect(self._on_program)
        self._line.failed.connect(self._on_not_written)
        self._line.submit(partial(program, page.store.document))

    def _on_program(self, program: str) -> None:
        QGuiApplication.clipboard().setText(program)
        self.said.emit("The program is on the clipboard.")

    def _end_line(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line.deleteLater()
            self._line = None

    # The figure of a command

    def _make(self, kind: type[Panel], use: Callable[[Parts], None]) -> None:
        """Make the figure of a panel with the look that was chosen last, and use it."""
        self._stop()
        self._use = use
        from gui.figures.maker import Maker, figure_of  # imported here, because it delays the start

        self.maker = Maker(self.stack.page, self)
        self.maker.made.connect(self._on_made)
        self.maker.failed.connect(self._on_failed)
        look = saved_choices(self.settings).look()
        self.maker.make(figure_of(self.stack.page, kind.title, look))

    def _on_made(self, figure: Parts) -> None:
        self._use(figure)
        self._stop()

    def _on_failed(self, failure: Failure) -> None:
        self.refused.emit(failure.reason)
        self._stop()

    def _on_written(self, words: str) -> None:
        self.said.emit(words)

    def _on_not_written(self, failure: Failure) -> None:
        self.refused.emit(failure.reason)

    def _stop(self) -> None:
        if self.maker is not None:
            self.maker.close()
            self.maker.deleteLater()
            self.maker = None

    def close(self) -> None:
        """Stop the work on a figure, and end the thread that writes."""
        self._stop()
        self._end_line()
        self.writer.close()


def _written(path: Path, numbers: list[Any]) -> str:
    """Write a table of numbers, in the worker thread; return what was done. Raises ValueError, in one sentence."""
    from gui.figures.numbers import table_of

    try:
        write_file(path, table_of(numbers).encode())
    except OSError as error:
        raise ValueError(str(error)) from error
    return f"{path.name} was saved."


FIGURE_COMMANDS = (
    Command("Export figure…", "File", run=lambda figures: figures.export_figure(), keys="Ctrl+Shift+E", line=True,
            tip="Save the panel or the page as PNG, SVG or PDF, with a preview"),
    Command("Copy picture", "Edit", run=lambda figures: figures.copy_picture(), line=True,
            tip="Copy a figure of the panel with the focus"),
    Command("Copy as Python", "Edit", run=lambda figures: figures.copy_python(),
            unavailable=lambda figures: figures.why_no_program(numpy=False),
            tip="Copy a program that computes the number of the panel with the focus"),
    Command("Copy as NumPy", "Edit", run=lambda figures: figures.copy_numpy(),
            unavailable=lambda figures: figures.why_no_program(numpy=True),
            tip="Copy a program that computes this number by the formulas alone"),
    Command("Numbers of the panel as CSV…", "File/Export", run=lambda figures: figures.save_numbers(), line=True,
            tip="Write the numbers behind the plots of the panel with the focus as a table"),
)  # fmt: skip
