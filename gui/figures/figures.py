"""The commands for figures: they copy or export the panel with the focus, or the panel whose menu is open."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QWidget

from gui.figures.files import image_of
from gui.figures.look import saved_look
from gui.figures.maker import Maker, Parts
from gui.page.commands import Command
from gui.page.jobs import Failure
from gui.page.panel import Panel
from gui.shell.page_stack import PageStack
from gui.shell.settings import Settings


class Figures(QObject):
    """The owner of the commands. Each acts on the panel with the focus, or else on the first visible panel."""

    refused = Signal(str)  # the reason why nothing was exported
    said = Signal(str)  # what was exported

    def __init__(self, window: QWidget, stack: PageStack, settings: Settings) -> None:
        super().__init__(window)
        self.window, self.stack, self.settings = window, stack, settings
        self.maker: Maker | None = None  # of the picture that is to be copied

    @property
    def kind(self) -> type[Panel]:
        """The class of the panel with the focus, or else of the first visible panel."""
        view = self.stack.view
        widget: QWidget | None = self.window.focusWidget()
        while widget is not None:
            for kind in view.kinds:
                if widget is view.docks[kind.title]:
                    return kind
            widget = widget.parentWidget()
        return next((kind for kind in view.kinds if kind.title in view.seen_titles), view.kinds[0])

    def fill_menu(self, kind: type[Panel], menu: QMenu) -> None:
        """Add the commands of a panel to its menu."""
        menu.addSeparator()
        menu.addAction("Copy picture", partial(self.copy_picture, kind))
        menu.addAction("Export figure…", partial(self.export_figure, kind))

    def export_figure(self, kind: type[Panel] | None = None) -> None:
        """Open the dialog in which a figure of a panel is chosen and saved."""
        from gui.figures.dialog import FigureDialog  # imported here, because it delays the start

        FigureDialog(self.window, self.stack.page, self.settings, (kind or self.kind).title).open()

    def copy_picture(self, kind: type[Panel] | None = None) -> None:
        """Copy a figure of a panel to the clipboard, with the look that was chosen last."""
        from gui.figures.dialog import figure_of

        self.close()
        self.maker = Maker(self.stack.page, self)
        self.maker.made.connect(self._on_made)
        self.maker.failed.connect(self._on_failed)
        self.maker.make(figure_of(self.stack.page, (kind or self.kind).title, saved_look(self.settings)))

    def _on_made(self, figure: Parts) -> None:
        look = saved_look(self.settings)
        QGuiApplication.clipboard().setImage(image_of(figure, look.scale))
        self.said.emit("The picture is on the clipboard.")
        self.close()

    def _on_failed(self, failure: Failure) -> None:
        self.refused.emit(failure.reason)
        self.close()

    def close(self) -> None:
        """Stop the work on a picture."""
        if self.maker is not None:
            self.maker.close()
            self.maker.deleteLater()
            self.maker = None


FIGURE_COMMANDS = (
    Command("Export figure…", "File", run=lambda figures: figures.export_figure(), keys="Ctrl+Shift+E", line=True,
            tip="Save the panel or the page as PNG, SVG or PDF, with a preview"),
    Command("Copy picture", "Edit", run=lambda figures: figures.copy_picture(), keys="Ctrl+Shift+C", line=True,
            tip="Copy a figure of the panel with the focus"),
)  # fmt: skip
