"""The panel Evaluation: ln p(x), the ELBO and the gap of the test images, and a list of the worst ones."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QListWidgetItem, QVBoxLayout, QWidget

from engine.derived import Derived, Scene
from engine.document import Document
from engine.latent.document import Latent
from engine.latent.inputs.input import FromData
from engine.latent.unboxing.evaluation import Listed, Tested, evaluation
from engine.plane import Viewport
from gui.page.jobs import Failure
from gui.page.panel import Panel, Place
from gui.page.store import Edit
from gui.plots.curves.histogram import HistogramPlot
from gui.plots.raster import image_of
from gui.shell import theme
from gui.widgets.controls import Combo, TextList, labelled
from gui.widgets.folding import Folding
from gui.widgets.notice import LOADING, Notice
from gui.widgets.numbers import nats, shown
from gui.widgets.plain_tip import plain_tip
from gui.widgets.progress import Progress
from gui.widgets.rows.stacking import Stacking, stacked
from gui.widgets.rows.wrapped import Wrapped

NUMBERS = {"First 100": 100, "First 1,000": 1000, "All": 10**6}
ORDERS = ("Largest gap first", "Least likely first")
SIDE = 32  # pixels on a side of an image in the list
DECODING = "Computing: decoding the latent plane."
HINT = "Click, or arrows and Enter: select a test image"


class Evaluation(Panel):
    """The panel Evaluation."""

    title = "Evaluation"
    role = "evidence"
    shows = (evaluation,)
    place = Place(109, "Completions", "tab", 54, 48, "unboxing")
    sentence = (
        "Histograms of ln p(x), of the encoder's ELBO and of their gap, over the test images. The mean ln p(x) "
        "measures the model; the mean ELBO is lower by the mean gap. Most of the gap comes from a few images with a "
        "wrong encoder mean. Select one in the list to see its posterior."
    )
    equation = (
        r"\frac1N\sum_n\ln p_\theta(\mathbf{x}_n)=\frac1N\sum_n\mathrm{ELBO}(\mathbf{x}_n)"
        r"+\frac1N\sum_n\mathrm{KL}(q_n\,\|\,p_\theta(\mathbf{z}\mid\mathbf{x}_n))"
    )

    def __init__(self) -> None:
        super().__init__()
        self.document = Latent()
        self.tested: Tested | None = None
        self._halted = False
        self.number, self.order = Combo(NUMBERS, "Number of test images"), Combo(ORDERS, "Order of the list")
        self.bounds = HistogramPlot("ln p(x) and ELBO of the test images", "nats", ("evidence", "variational"))
        self.gaps = HistogramPlot("Gaps of the test images", "gap in nats", ("variational",), decades=True)
        self.means = Wrapped("Means over the test images")
        self.error = Wrapped("Numerical error", pale=True)
        self.list, self.progress = TextList(), Progress()
        self._listed: Listed | None = None
        self._lay_out()
        self.notice = Notice(self.left)
        self.notice.say(LOADING)

    def _lay_out(self) -> None:
        self.number.activated.connect(self._on_number)
        self.order.activated.connect(self._on_order)
        self.progress.cancelled.connect(self._on_cancelled)
        self.list.setAccessibleName("Worst test images")
        self.list.setIconSize(QSize(SIDE, SIDE))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.itemClicked.connect(self._on_chosen)
        self.list.itemActivated.connect(self._on_chosen)
        side = QWidget()
        right = QVBoxLayout(side)
        self.plots = QWidget()
        plots = QHBoxLayout(self.plots)
        plots.setContentsMargins(0, 8, 0, 0)
        policy = self.plots.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.plots.setSizePolicy(policy)
        self.plots.hide()
        plots.addWidget(self.bounds)
        plots.addWidget(self.gaps)
        lines = stacked(self.means, self.error, self.progress, gap=2)
        lines.setContentsMargins(10, 0, 10, 0)
        self.left = Stacking(("Histograms", stacked((self.plots, 1)), 1), ("Means", lines, 0))
        right.setContentsMargins(0, 6, 8, 6)
        for widget in (labelled(self.number, "Images"), labelled(self.order, "Order"), self.list):
            right.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(Folding(("All test images", self.left, 3, 24), ("Worst test images", side, 1, 10)))

    @property
    def wanted(self) -> int:
        """The number of test images that the user chose."""
        return NUMBERS[self.number.currentText()]

    def viewport_of(self, key: Derived[Any]) -> Viewport | None:
        """Return a viewport with one row for each image; None after the user cancelled."""
        return None if self._halted else Viewport(0, 1, 0, 1, 1, self.wanted)

    def echo(self, document: Document) -> None:
        assert isinstance(document, Latent)
        self.document = document

    def draw(self, scene: Scene) -> None:
        tested = scene.get(evaluation)
        if tested is None:
            return
        self.tested = tested
        self._show_progress(tested)
        if tested.unavailable:
            self.plots.hide()
            self.notice.say(tested.unavailable)
            return
        if tested.log_evidence is None or tested.elbo is None or tested.gap is None:
            self.notice.say(DECODING)
            return
        self.notice.say("")
        self.plots.show()
        self.bounds.show_counts(tested.log_evidence, tested.elbo)
        self.gaps.show_counts(tested.gap)
        self._show_list(tested)
        self._show_words(tested)

    def fail(self, failure: Failure) -> None:
        self.notice.say(failure.reason)

    def _show_progress(self, tested: Tested) -> None:
        if self._halted:  # a scene that was under way may come after the click
            self.progress.tell(f"Stopped after {tested.done:,} images. Choose a number to resume.", None)
        elif tested.part < 1:
            self.progress.tell("Decoding the latent plane", tested.part)
        elif tested.done < tested.wanted:
            self.progress.tell(f"{tested.done:,} of {tested.wanted:,} images", tested.done / tested.wanted)
        else:
            self.progress.tell("", None)

    def _show_words(self, tested: Tested) -> None:
        assert tested.log_evidence is not None and tested.elbo is not None and tested.gap is not None
        self.means.say(
            "Means (vertical lines):",
            ("evidence", f"ln p(x) {nats(tested.log_evidence.mean)}"),
            ("variational", f"ELBO {nats(tested.elbo.mean)}"),
            ("variational", f"gap {nats(tested.gap.mean)} nats"),
            f"ELBO in the file {nats(tested.promised)}",
        )
        mean, most = tested.error
        words = f"about {shown(mean, 2)} nats on average, the largest about {shown(most, 2)}"
        self.error.say(f"Estimated errors: ln p(x) {words}; an ELBO 0.01 on average.")
        self.left.updateGeometry()  # the number of lines of a hidden part may have changed
        self.caption_changed.emit(f"{tested.done:,} of {tested.total:,} test images")

    def _show_list(self, tested: Tested) -> None:
        listed = (tested.largest_gap, tested.least_likely)[self.order.currentIndex()]
        if listed is None or listed is self._listed:
            return
        self._listed, row = listed, self.list.currentRow()
        self.list.clear()
        for i, number in enumerate(listed.numbers):
            words = f"{number:,} “{listed.classes[i]}”, gap {_tenth(listed.gap[i])}\n"
            words += f"ln p(x) {_tenth(listed.log_evidence[i])}"
            image = QPixmap.fromImage(image_of(listed.ink[i], theme.ink_map()))
            item = QListWidgetItem(QIcon(image.scaled(SIDE, SIDE)), words, self.list)
            item.setToolTip(plain_tip(words.replace("\n", ", ")))
        self.list.setCurrentRow(row)

    def _on_number(self) -> None:
        self._halted = False
        self.want()

    def _on_order(self) -> None:
        if self.tested is not None:
            self._show_list(self.tested)

    def _on_cancelled(self) -> None:
        self._halted = True
        self.want()
        if self.tested is not None:
            self._show_progress(self.tested)

    def _on_chosen(self, item: QListWidgetItem) -> None:
        assert self._listed is not None
        number = int(self._listed.numbers[self.list.row(item)])
        self.hint_changed.emit(HINT)
        if self.document.input != FromData(number):
            chosen = self.document.with_input(FromData(number)).with_q(None)
            self.edited.emit(Edit(f"Select test image {number:,}", chosen))


def _tenth(value: float) -> str:
    return f"{value:,.1f}".replace("-", "−")
