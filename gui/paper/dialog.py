"""The dialog for paper: choices, the progress of the work with Cancel, and the file."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from engine.part import Part, declared
from gui.figures.files import ask_for_path
from gui.forms.forms import Form
from gui.page.jobs import Failure
from gui.paper.choices import keep, kept
from gui.paper.products import Product
from gui.paper.work import News, Worker
from gui.shell.export import write_file
from gui.shell.page_stack import PageStack
from gui.shell.settings import Settings
from gui.widgets.controls import Button, Combo
from gui.widgets.progress import Progress
from gui.widgets.value_label import ValueLabel

NARROWEST = 440  # pixels


class PaperDialog(QDialog):
    """Makes one product. The window can be used meanwhile, and closing the dialog cancels the work."""

    def __init__(self, parent: QWidget, stack: PageStack, settings: Settings, product: Product) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(product.title)
        self.settings, self.product = settings, product
        self.choices = kept(settings, product.part)
        self.path = Path()
        self.worker = Worker(stack, self)
        self.form, self.words, self.progress = Form(product.part), ValueLabel("About the file"), Progress()
        self.steps = Combo(list(product.selections))
        self.save, self.close_button = Button("&Save…"), Button("Close")
        self._lay_out()
        self.form.changed.connect(self._on_form)
        self.save.clicked.connect(self.choose_file)
        self.close_button.clicked.connect(self.reject)
        self.progress.cancelled.connect(self._on_cancelled)
        self.worker.reported.connect(self._on_reported)
        self.worker.done.connect(self._on_done)
        self.worker.failed.connect(self._on_failed)
        self.form.show_part(self.choices)
        self.words.setText(product.words(self.choices))

    def _lay_out(self) -> None:
        column, row, below = QVBoxLayout(self), QHBoxLayout(), QHBoxLayout()
        label = QLabel("S&teps")
        label.setBuddy(self.steps)
        row.addWidget(label)
        row.addWidget(self.steps, 1)
        for widget in (label, self.steps):
            widget.setVisible(bool(self.product.selections))
        self.form.setVisible(bool(declared(self.product.part)))
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        below.addStretch(1)
        for button in (self.save, self.close_button):
            button.setAutoDefault(False)
            below.addWidget(button)
        self.save.setDefault(True)
        column.addLayout(row)
        column.addWidget(self.form)
        column.addWidget(self.words)
        column.addStretch(1)
        column.addWidget(self.progress)
        column.addLayout(below)
        self.setMinimumWidth(NARROWEST)

    def _on_form(self, choices: Part, _: str, __: object) -> None:
        self.choices = choices
        self.form.show_part(choices)
        keep(self.settings, choices)
        self.words.setText(self.product.words(choices))

    def choose_file(self) -> None:
        """Open a file dialog, and begin the work on the chosen file."""
        kinds = self.product.kinds
        stem = self.product.name(self.choices, self.steps.currentText())
        try:
            path = ask_for_path(self, "paper", self.product.title, stem, kinds)
        except ValueError as reason:
            self.words.setText(str(reason))
            return
        if path is None:
            return
        self.path = path
        self.save.setEnabled(False)
        self.words.setText("")
        self.worker.start(self.product.work(self.choices, self.steps.currentText(), self.path.suffix.lower()))

    def _on_reported(self, news: News) -> None:
        self.progress.tell(news.words, news.fraction)

    def _on_done(self, content: bytes) -> None:
        try:
            write_file(self.path, content)
        except OSError as error:
            self._end(str(error))
        else:
            self._end(f"{self.path.name} was saved.")

    def _on_failed(self, failure: Failure) -> None:
        self._end(failure.reason)

    def _on_cancelled(self) -> None:
        self.worker.close()
        self._end("Cancelled. No file was written.")

    def _end(self, words: str) -> None:
        self.progress.tell("", None)
        self.save.setEnabled(True)
        self.words.setText(words)

    def done(self, result: int) -> None:
        """Cancel the work, and close."""
        self.worker.close()
        super().done(result)
