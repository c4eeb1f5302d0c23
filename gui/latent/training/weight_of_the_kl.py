"""The panel Weight of the KL: a slider over models of one recipe with different β, and a table of what β trades."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout

from engine.derived import Scene
from engine.document import Document
from engine.latent.document import Latent
from engine.latent.training.models import is_open
from engine.latent.training.weight_of_the_kl import Trade, Trades, next_beta, trades, with_larger_beta, with_row
from gui.latent.gan.score_table import ScoreTable
from gui.latent.training.control_row import control_row
from gui.latent.training.models import OPEN_SHIPPED
from gui.page.commands import Command
from gui.page.panel import Panel, Place
from gui.page.store import Edit
from gui.widgets.controls import Button, Slider
from gui.widgets.notice import Notice
from gui.widgets.numbers import nats, spelled
from gui.widgets.scrolling import scrolling

ALONE = (
    "No other model has the recipe of this one with another β. Open faces-6, or press “Larger β” and train the recipe."
)
COLUMNS = ("Recon-\nstruction", "KL", "ELBO", "Un-\nused", "MIG")
NEXT = "The next training has β = {}. Start it in the panel Training."
LARGER = Command("Recipe with a larger β", "Model", edit=with_larger_beta,
                 tip="Use the recipe of this model with four times its β for the next training")  # fmt: skip


class WeightOfTheKl(Panel):
    """The panel Weight of the KL."""

    title = "Weight of the KL"
    role = "evidence"
    shows = (trades,)
    commands = (LARGER,)
    place = Place(66, "Encoded image", "tab", 28, 46)
    sentence = (
        "Models of one recipe that were trained with different weights β of the KL. The slider opens one of them. With "
        "a larger β the KL is smaller, the reconstructions are worse, and latents become unused. MIG is the mutual "
        "information gap: it is 1 if each factor of the images is known from one latent alone. A larger β may raise "
        "it or not. The ELBO has β = 1 for all, in nats per test image."
    )
    equation = (
        r"\mathbb{E}_q[\ln p_\theta(\mathbf{x}\mid\mathbf{z})]"
        r"-\beta\,\mathrm{KL}(q_\phi(\mathbf{z}\mid\mathbf{x})\,\|\,p(\mathbf{z}))"
    )

    def __init__(self) -> None:
        super().__init__()
        self.document = Latent()
        self.trades: Trades | None = None
        self.slider, self.words = Slider(), QLabel()
        self.words.setWordWrap(True)
        self.slider.setAccessibleName("β of the models")
        self.slider.setToolTip("Open the model of this recipe with another β")
        self.slider.valueChanged.connect(self._on_slid)
        self.larger = Button("Larger β")
        self.larger.setToolTip(LARGER.tip)
        self.larger.clicked.connect(self._on_larger)
        self.table = ScoreTable("Models with different β", COLUMNS, ())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 4)
        column.addWidget(control_row(self.slider, self.larger, shares=(1, 0)))
        column.addWidget(control_row(self.words, shares=(1,)))
        area = scrolling(self.table)
        column.addWidget(area, 1)
        for at, name in ((0, "Reconstruction"), (3, "Unused latents"), (4, "Mutual information gap")):
            if (heading := self.table.horizontalHeaderItem(at)) is not None:
                heading.setData(Qt.ItemDataRole.AccessibleTextRole, name)
        self.notice = Notice(area)
        self.notice.offer(ALONE, "Open faces-6", OPEN_SHIPPED["faces-6"])
        self.notice.asked.connect(self.requested)
        self._show()

    def echo(self, document: Document) -> None:
        assert isinstance(document, Latent)
        self.document = document
        if self.trades and not any(is_open(document, row.entry) for row in self.trades.rows):
            self.trades, self.drawn = None, {}  # of another recipe
            self._show()
        else:
            self._show_words()

    def draw(self, scene: Scene) -> None:
        self.trades = scene.get(trades)
        self._show()

    def _show(self) -> None:
        rows = self.trades.rows if self.trades else ()
        chosen = self.trades.chosen if self.trades else -1
        self.notice.say(ALONE if self.trades and len(rows) < 2 else "")
        self.slider.blockSignals(True)
        self.slider.setRange(0, max(0, len(rows) - 1))
        self.slider.setValue(max(0, chosen))
        self.slider.blockSignals(False)
        self.slider.setEnabled(len(rows) > 1)
        self.table.setVisible(len(rows) > 1)
        self.table.setRowCount(len(rows))
        self.table.setVerticalHeaderLabels([f"β = {spelled(row.beta)}" for row in rows])
        for i, row in enumerate(rows):
            self.table.write(i, _numbers(row))
        if 0 <= chosen < len(rows):
            self.table.selectRow(chosen)
        self._show_words()
        self.caption_changed.emit(f"β = {spelled(rows[chosen].beta)}" if 0 <= chosen < len(rows) else "")

    def _show_words(self) -> None:
        """Write what the β of the present model trades, and which β the next training has if that is another."""
        rows, chosen = (self.trades.rows, self.trades.chosen) if self.trades else ((), -1)
        if not 0 <= chosen < len(rows):
            self.words.setText("")
            return
        sentences = [_traded(rows[chosen], rows)]
        if (beta := next_beta(self.document, rows[chosen])) is not None:
            sentences.append(NEXT.format(spelled(beta)))
        self.words.setText(" ".join(sentences))

    def _on_slid(self, i: int) -> None:
        if self.trades is not None and i < len(self.trades.rows):
            row = self.trades.rows[i]
            opened = with_row(self.document, row)
            self.edited.emit(Edit(f"Open the model with β = {spelled(row.beta)}", opened, "β"))

    def _on_larger(self) -> None:
        self.requested.emit(LARGER)


def _numbers(row: Trade) -> list[str]:
    unused = "" if row.unused is None else str(row.unused)
    gap = "" if row.gap is None else f"{row.gap:.2f}"
    return [nats(row.reconstruction), nats(row.kl), nats(row.reconstruction - row.kl), unused, gap]


def _traded(row: Trade, rows: tuple[Trade, ...]) -> str:
    """Return what the present β costs and gains against β = 1, or against the smallest one if there is no 1."""
    base = next((other for other in rows if other.beta == 1), rows[0])
    if row is base:
        return f"The others are compared with β = {spelled(base.beta)}."
    lost, saved = base.reconstruction - row.reconstruction, base.kl - row.kl
    return (
        f"Compared with β = {spelled(base.beta)}, the reconstruction is {nats(lost)} nats lower and the KL "
        f"{nats(saved)} nats lower."
    )
