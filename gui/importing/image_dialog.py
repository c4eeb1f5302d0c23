"""The import dialog for training images: how to read them, examples of each class, and unreadable files."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from msgspec.structs import replace
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialogButtonBox,
    QLabel,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from engine.files import check_name
from engine.latent.datasets.folder import Folder
from engine.latent.datasets.idx import IdxFiles
from engine.latent.datasets.npz import NpzFile
from engine.latent.datasets.own_files import Files, Loaded, Reading, trust
from engine.latent.datasets.preview import Look, looking
from engine.part import Part, title_of
from gui.forms.forms import Form
from gui.importing.class_examples import EACH, ExamplesTable
from gui.importing.reading_dialog import ReadingDialog
from gui.page.jobs import Failure
from gui.widgets.bold import embolden
from gui.widgets.controls import Button, TextList
from gui.widgets.file_dialogs import choose_to_open
from gui.widgets.value_label import ValueLabel

Own = Folder | NpzFile | IdxFiles
CHOICES = {
    Folder: ("size", "colour", "values", "turn", "stretch"),
    NpzFile: ("labels", "values", "turn", "stretch"),
    IdxFiles: ("labels", "values", "turn", "stretch"),
}
LABELS = "Labels (*.npz *.npy *.idx *.idx.gz *-ubyte *-ubyte.gz);;All files (*)"
LISTED = 200  # unreadable files
VISIBLE = 4  # of them at once


class ImportDialog(ReadingDialog):
    """A dialog that reads the images and shows them. The document changes only when the button is pressed."""

    recipe_agreed = Signal(object)  # the recipe that suits it, to be trained at once

    def __init__(self, parent: QWidget, source: Files) -> None:
        super().__init__(parent, "Train on images")
        assert isinstance(source, Own)
        self.source: Own = source
        self.look: Look | None = None
        self.form = Form(type(source), only=CHOICES[type(source)])
        self.choose = Button("Choose label file…")
        self.progress, self.words, self.examples = QProgressBar(), QLabel(), ExamplesTable()
        self.remarks = ValueLabel("Remarks before training")
        self.left_out, self.unreadable = QLabel(), TextList()
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.go = Button("Train on these images")
        self._lay_out(source.origin)
        self._connect()
        self.form.show_part(source)
        self._wait()

    def _lay_out(self, path: Path) -> None:
        name, kind = QLabel(path.name), QLabel(f"{title_of(type(self.source))} in {path.parent}")
        embolden(name)
        for label in (name, kind, self.words, self.remarks, self.left_out):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
        self.words.setMinimumHeight(2 * self.fontMetrics().lineSpacing())
        self.choose.setVisible(isinstance(self.source, IdxFiles | NpzFile))
        self.choose.setAutoDefault(False)
        self.progress.setAccessibleName("Progress of reading the images")
        self.progress.setTextVisible(False)
        self.unreadable.setAccessibleName("Files that are left out")
        self.unreadable.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.unreadable.setMinimumHeight(VISIBLE * self.fontMetrics().lineSpacing())
        self.buttons.addButton(self.go, QDialogButtonBox.ButtonRole.AcceptRole)
        self.buttons.button(QDialogButtonBox.StandardButton.Cancel).setAutoDefault(False)
        self.go.setDefault(True)
        column = QVBoxLayout()
        column.setSpacing(10)
        results = (self.progress, self.words, self.remarks, self.examples, self.left_out, self.unreadable)
        for widget in (name, kind, self.form, self.choose, *results):
            column.addWidget(widget)
        column.setStretchFactor(self.examples, 1000)
        column.setStretchFactor(self.unreadable, 300)
        column.addStretch(1)
        self.lay_out(column, self.buttons)
        self.take_room(round(60 * self.fontMetrics().averageCharWidth()) + 260, max(620, self.sizeHint().height()))

    def _connect(self) -> None:
        self.form.changed.connect(self._on_form)
        self.choose.clicked.connect(self._on_choose)
        self.buttons.accepted.connect(self._on_agreed)
        self.buttons.rejected.connect(self.reject)

    def _on_choose(self) -> None:
        path = choose_to_open(self, "labels", "Labels", LABELS, self.source.origin.parent)
        if path is not None:
            try:
                check_name(path)
            except ValueError as error:
                self.words.setText(str(error))
                return
            self._on_form(replace(self.source, labels=str(path)))

    def _on_form(self, source: Part, what: str = "", gesture: object = None) -> None:
        assert isinstance(source, Own)
        self.source = source
        self.form.show_part(source)
        self._read()

    def _read(self) -> None:
        """Start to read the images with the present settings. A job for earlier settings is cancelled."""
        self._wait()
        self.line.submit(partial(looking, self.source, EACH))

    def _wait(self) -> None:
        """Disable the button and show that the images are being read."""
        self.look = None
        self.go.setEnabled(False)
        self.words.setText("Reading…")
        self.remarks.hide()
        self.progress.setRange(0, 0)
        self.progress.show()

    def _on_progressed(self, reading: Reading) -> None:
        self.progress.setRange(0, reading.whole)
        self.progress.setValue(reading.done)
        if reading.whole:
            self.words.setText(f"Reading… {reading.done:,} of {_counted(reading.whole)} so far.")

    def _on_delivered(self, look: Look) -> None:
        if not self.line.idle:  # a job with newer settings is waiting
            return
        self.look = look
        self._say(_summary(look.loaded), look)
        self.go.setEnabled(True)
        self.go.setDefault(True)

    def _on_failed(self, failure: Failure) -> None:
        self._say(failure.reason, None)

    def _say(self, words: str, look: Look | None) -> None:
        """Show the result: a text, remarks, the classes, and the files that are left out."""
        self.words.setText(words)
        self.progress.hide()
        remarks = "\n".join(look.remarks) if look else ""
        self.remarks.setText(remarks)
        self.remarks.setVisible(bool(remarks))
        self.examples.show_classes(look.classes if look else ())
        self.examples.setVisible(look is not None)
        lines = [str(line) for line in look.loaded.unreadable] if look else []
        more = [f"and {len(lines) - LISTED:,} more"] if len(lines) > LISTED else []
        self.left_out.setText(
            "1 file cannot be read and is left out:"
            if len(lines) == 1
            else f"{len(lines):,} files cannot be read and are left out:"
        )
        self.left_out.setVisible(bool(lines))
        self.unreadable.clear()
        self.unreadable.addItems(lines[:LISTED] + more)
        self.unreadable.setVisible(bool(lines))

    def _on_agreed(self) -> None:
        assert self.look is not None
        trust(self.source)
        self.recipe_agreed.emit(self.look.recipe)
        self.accept()


def _counted(n: int) -> str:
    return "1 image" if n == 1 else f"{n:,} images"


def _summary(loaded: Loaded) -> str:
    """The number and kind of the images, and the sizes of the training and test sets."""
    train, test = len(loaded.train), len(loaded.test)
    h, w, *channels = loaded.train.pixels.shape[1:]
    classes = len(loaded.train.classes)
    return (
        f"{_counted(train + test)} of {h}×{w} pixels in {'colour' if channels else 'grey'}, "
        f"{'1 class' if classes == 1 else f'{classes} classes'}: {train:,} for training and {test:,} for testing."
    )
