"""Two small pages for tests of the shell: a document with a number, a few panels, a stepper and a few commands."""

from typing import Annotated

import msgspec
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QVBoxLayout

from engine.derived import derived
from engine.document import Document, Setting
from engine.part import Part
from gui.page.commands import Command
from gui.page.controller import Controller
from gui.page.panel import Panel, Place
from gui.page.stepper import Stepper
from gui.page.view import PageKind


class Counted(Part, Document, frozen=True, tag=True):
    """A number `total`, of which `step` steps are taken."""

    total: Annotated[int, msgspec.Meta(ge=0)] = 0
    step: Annotated[int, msgspec.Meta(ge=0)] = 0
    settings: tuple[Setting, ...] = ()

    def step_to(self, n):
        return replace(self, step=n)


class Numbered(Counted, frozen=True, tag=True):
    """The document of the first page."""


class Modelled(Counted, frozen=True, tag=True):
    """The document of the second page."""


@derived(int)
def total(document, viewport):
    """The number of the document."""
    return document.total


class Small(Panel):
    """A panel with one button."""

    sentence = "Shows a number."
    equation = "n"
    shows = (total,)

    def __init__(self):
        super().__init__()
        self.button = QPushButton("Press")
        self.button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        QVBoxLayout(self).addWidget(self.button)
        self.cleared = 0

    def clear(self):
        self.cleared += 1


class Left(Small):
    title = "Left"
    place = Place(1)
    also = (Place(1, arrangement="unboxing"),)
    commands = (
        Command("Add one", "Observe", edit=lambda d: replace(d, total=d.total + 1), keys="Ctrl+D", tip="Count up"),
        Command("Remove one", "Observe", edit=lambda d: replace(d, total=d.total - 1, step=0), icon="clear",
                unavailable=lambda d: "" if d.total else "There is nothing to remove."),
    )  # fmt: skip


class Right(Small):
    title = "Right"
    place = Place(2, beside="Left")
    commands = (
        Command("Halve it", "Observe", edit=lambda d: replace(d, total=d.total // 2),
                unavailable=lambda d: "" if d.total else "Zero has no half."),
    )  # fmt: skip


class Behind(Small):
    title = "Behind"
    place = Place(3, beside="Right", how="tab")
    commands = (
        Command("Clear the number", "Model/Numbers", run=Small.clear),
        Command("Zero", "Model/Numbers", edit=lambda d: replace(d, total=0, step=0), checked=lambda d: d.total == 0),
    )


class Far(Small):
    title = "Far"
    place = Place(2, beside="Left", arrangement="unboxing")
    commands = (Command("Look far", "Observe", edit=lambda d: replace(d, total=7)),)


class Trainer(Controller):
    """A controller with one command that starts a process."""

    title = "Training"
    opens = "images"

    def start(self):
        self.running.emit(START, True)

    def end(self):
        self.running.emit(START, False)

    def take_file(self, path):
        self.taken = path


START = Command("Start training", "Model", run=Trainer.start, while_running=("Pause training", "pause"), icon="play")
Trainer.commands = (START,)


def no_words(document, answer):
    """The empty read-out of a page without probes."""
    return []


def position_on(first):
    """The function `position` of a PageKind: the first page has steps, the second page only in one arrangement."""

    def position(document, arrangement):
        return (document.step, document.total) if first or arrangement == "unboxing" else None

    return position


def small_page(name):
    """The PageKind of a small page: "regression" is the first page, "latent" the second."""
    first = name == "regression"
    kind = PageKind(
        name=name,
        title="Regression" if first else "Latent space",
        document=Numbered if first else Modelled,
        rooms=(),
        controllers=(Stepper,) if first else (Stepper, Trainer),
        readout=no_words,
        position=position_on(first),
    )
    vars(kind)["panels"] = (Left, Right, Behind) if first else (Left, Right, Behind, Far)
    return kind
