"""Test images: ln p(x), the ELBO and the gap of one held-out image after the other, and those that are worst."""

from __future__ import annotations

from engine.latent.scene import Scene
from msgspec.structs import replace
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from engine.document import Document
from engine.latent.document import Latent
from engine.latent.inputs.input import FromData
from engine.latent.unboxing.evaluation import Listed, Tested
from engine.plane import Viewport
from gui.forms.editors import Combo
from gui.page.jobs import Failure
from gui.page.panel import Panel, Place
from gui.page.store import Edit
from gui.plots.curves.histogram import HistogramPlot
from gui.plots.raster import image_of
from gui.shell import theme
from gui.widgets.elided import Elided
from gui.widgets.notice import Notice
from gui.widgets.numbers import nats
from gui.widgets.progress import Progress

NUMBERS = {"First 100": 100, "First 1,000": 1000, "All": 10**6}
ORDERS = ("Largest gap first", "Least likely first")
SIDE = 32  # pixels of a picture in the list
LOADING = "Loading PyTorch and the model."
DECODING = "The decoder is being asked what it draws at every place of the plane."
HINT = "Click: look into an image · Arrows, Enter: the same by keyboard"


class TestImages(Panel):
    """Test images."""

    title = "Test images"
    role = "evidence"
    draws = "test_images"
    place = Place(109, "Completions", "tab", 54, 48, "unboxing")
    sentence = (
        "ln p(x), the encoder's ELBO and the gap between the two, of one held-out image after the other, whole. The "
        "mean ln p(x) is what the model is worth; the ELBO says less, by the mean gap. A few images make most of it: "
        "those that the encoder puts where they are not. Choose one from the list to look into it."
    )
    equation = (
        r"\frac1N\sum_n\ln p_\theta(\mathbf{x}_n)=\frac1N\sum_n\mathrm{ELBO}(\mathbf{x}_n)"
        r"+\frac1N\sum_n\mathrm{KL}(q_n\,\|\,p_\theta(\mathbf{z}\mid\mathbf{x}_n))"
    )

    def __init__(self) -> None:
        super().__init__()
        self.document = Latent()
        self.tested: Tested | None = None
        self.seen, self._halted = False, False
        self.number, self.order = Combo(list(NUMBERS)), Combo(list(ORDERS))
        self.bounds = HistogramPlot("ln p(x) and ELBO of the test images", "nats", ("evidence", "variational"))
        self.gaps = HistogramPlot("Gaps of the test images", "gap in nats", ("variational",), decades=True)
        self.means = Elided("Means over the test images")
        self.error = Elided("How exact this is", pale=True)
        self.list, self.progress, self.notice = QListWidget(), Progress(), Notice(self)
        self._listed: Listed | None = None
        self._lay_out()
        self.notice.say(LOADING)

    def _lay_out(self) -> None:
        for combo, name in ((self.number, "How many test images"), (self.order, "Order of the list")):
            combo.setAccessibleName(name)
        self.number.activated.connect(self._on_number)
        self.order.activated.connect(self._on_order)
        self.progress.cancelled.connect(self._on_cancelled)
        self.list.setAccessibleName("The worst test images")
        self.list.setIconSize(QSize(SIDE, SIDE))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.itemClicked.connect(self._on_chosen)
        self.list.itemActivated.connect(self._on_chosen)
        left, right, both = QVBoxLayout(), QVBoxLayout(), QHBoxLayout()
        self.plots, lines = QWidget(), QVBoxLayout()
        plots = QHBoxLayout(self.plots)
        plots.setContentsMargins(0, 8, 0, 0)
        policy = self.plots.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.plots.setSizePolicy(policy)
        self.plots.hide()
        plots.addWidget(self.bounds)
        plots.addWidget(self.gaps)
        lines.setContentsMargins(10, 2, 10, 4)
        lines.setSpacing(2)
        for line in (self.means, self.error, self.progress):
            lines.addWidget(line)
        left.addWidget(self.plots, 1)
        left.addLayout(lines)
        right.setContentsMargins(0, 6, 8, 6)
        for widget in (self.number, self.order, self.list):
            right.addWidget(widget)
        both.addLayout(left, 3)
        both.addLayout(right, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(both)

    @property
    def wanted(self) -> int:
        """How many images are asked for."""
        return NUMBERS[self.number.currentText()]

    def appear(self, seen: bool) -> None:
        self.seen = seen
        self._ask()

    def _ask(self) -> None:
        asked = self.seen and not self._halted
        self.viewport_changed.emit(self.draws, Viewport(0, 1, 0, 1, 1, self.wanted) if asked else None)

    def echo(self, document: Document) -> None:
        assert isinstance(document, Latent)
        self.document = document

    def draw(self, scene: Scene) -> None:
        found: Tested | None = scene.pictures.get(self.draws)
        if found is None:
            return
        self.tested = found
        self._show_progress(found)
        if found.log_evidence is None or found.elbo is None or found.gap is None:
            self.notice.say(DECODING)
            return
        self.notice.say("")
        self.plots.show()
        self.bounds.show_counts(found.log_evidence, found.elbo)
        self.gaps.show_counts(found.gap)
        self._show_list(found)
        self._show_words(found)

    def fail(self, failure: Failure) -> None:
        self.notice.say(failure.reason)

    def _show_progress(self, found: Tested) -> None:
        if found.part < 1:
            self.progress.tell("The decoder is being asked", found.part)
        elif found.done < found.wanted:
            self.progress.tell(f"{found.done:,} of {found.wanted:,} images", found.done / found.wanted)
        else:
            self.progress.tell("", None)

    def _show_words(self, found: Tested) -> None:
        assert found.log_evidence is not None and found.elbo is not None and found.gap is not None
        self.means.say(
            "Means (uprights):",
            ("evidence", f"ln p(x) {nats(found.log_evidence.mean)}"),
            ("variational", f"ELBO {nats(found.elbo.mean)}"),
            ("variational", f"gap {nats(found.gap.mean)} nats"),
            f"file: ELBO {nats(found.promised)}",
        )
        mean, most = found.error
        self.error.say(f"Errors: ln p(x) {mean:.2g} nats on average, {most:.2g} at most; an ELBO 0.01 on average.")
        self.caption_changed.emit(f"{found.done:,} of {found.total:,} test images")

    def _show_list(self, found: Tested) -> None:
        listed = (found.largest_gap, found.least_likely)[self.order.currentIndex()]
        if listed is None or listed is self._listed:
            return
        self._listed, row = listed, self.list.currentRow()
        self.list.clear()
        for i, number in enumerate(listed.numbers):
            words = f"{number:,} “{listed.classes[i]}”, gap {_tenth(listed.gap[i])}\n"
            words += f"ln p(x) {_tenth(listed.log_evidence[i])}"
            picture = QPixmap.fromImage(image_of(listed.ink[i], theme.ink_map()))
            item = QListWidgetItem(QIcon(picture.scaled(SIDE, SIDE)), words, self.list)
            item.setToolTip(words.replace("\n", ", "))
        self.list.setCurrentRow(row)

    def _on_number(self) -> None:
        self._halted = False
        self._ask()

    def _on_order(self) -> None:
        if self.tested is not None:
            self._show_list(self.tested)

    def _on_cancelled(self) -> None:
        self._halted = True
        self._ask()
        if self.tested is not None:
            self.progress.tell(f"Stopped after {self.tested.done:,} images. Choose a number to go on.", None)

    def _on_chosen(self, item: QListWidgetItem) -> None:
        assert self._listed is not None
        number = int(self._listed.numbers[self.list.row(item)])
        self.hint_changed.emit(HINT)
        if self.document.input != FromData(number):
            chosen = self.document.with_input(FromData(number))
            trick = replace(chosen.trick, q=None)
            self.edited.emit(Edit(f"Look into test image {number:,}", chosen.with_setting(trick)))


def _tenth(value: float) -> str:
    return f"{value:,.1f}".replace("-", "−")
