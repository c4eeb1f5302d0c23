"""The panel ELBO decomposition: ln p(x) = ELBO + KL(q‖p) of the selected image, for its q, compared with q*."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from engine.derived import Scene
from engine.document import Document
from engine.gaussian import Array
from engine.latent.document import Latent
from engine.latent.gaussian_q import GaussianQ, gaussian_q
from engine.latent.posterior.unboxing import Bound
from engine.latent.unboxing.elbo_decomposition import (
    Decomposition,
    elbo_decomposition,
    is_encoders_q,
    with_encoders_q,
)
from engine.latent.unboxing.observation import approximation
from gui.forms.form_line import FormLine
from gui.latent.unboxing.offers import offer_ways_out
from gui.page.commands import Command
from gui.page.jobs import Failure
from gui.page.panel import Panel, Place
from gui.page.store import Edit
from gui.plots.curves.decomposition_bars import DecompositionBars, Sum
from gui.widgets.button_grid import ButtonGrid
from gui.widgets.controls import Button
from gui.widgets.elided import Elided
from gui.widgets.notice import LOADING, Notice
from gui.widgets.numbers import coordinate, nats, shown
from gui.widgets.scrolling import scrolling
from gui.widgets.value_label import ValueLabel

SEARCHING = "Computing q*…"
NONE = "No q yet. Select an image in the panel Gallery first."
INFINITE = "The ELBO of this q is not finite. Edit q, or change the observation in the panel Observation."
EVEN = 0.005  # nats; smaller differences round to 0
FORWARD = "mode-seeking: its minimum places q inside one mode."
REVERSE = "mass-covering: its minimum spreads q over all modes."
ROWS = ("KL(q‖p)", "KL(p‖q)", "μ of q", "σ of q", "μ of q*", "σ of q*")
MEANINGS = {"KL(q‖p)": FORWARD, "KL(p‖q)": REVERSE}


class ElboDecomposition(Panel):
    """The panel ELBO decomposition."""

    title = "ELBO decomposition"
    role = "variational"
    shows = (elbo_decomposition, approximation)
    place = Place(105, "Observation", "below", 24, 64, "unboxing", folds=True)
    sentence = (
        "The parts of ln p(x) of the image, in nats: reconstruction − KL(q‖p(z)) is the ELBO, and the gap is "
        "KL(q‖p(z|x)). The approximation gap remains for q*, the optimal Gaussian with independent axes. The "
        "amortisation gap is the rest: one encoder serves all images (Cremer, Li and Duvenaud 2018). Drag q in the "
        "posterior to raise its ELBO."
    )
    equation = (
        r"\ln p_\theta(\mathbf{x})=\underbrace{\mathbb{E}_q[\ln p_\theta(\mathbf{x}\mid\mathbf{z})]"
        r"-\mathrm{KL}(q\,\|\,p(\mathbf{z}))}_{\mathrm{ELBO}}"
        r"+\mathrm{KL}(q\,\|\,p_\theta(\mathbf{z}\mid\mathbf{x}))"
    )

    def __init__(self) -> None:
        super().__init__()
        self.document = Latent()
        self.decomposition: Decomposition | None = None
        self._of: object = None  # the observation that `decomposition` belongs to
        self._waiting: object = None  # the observation for which q is set to q* as soon as q* is computed
        self.bars = DecompositionBars("ln p of the observation, and its parts")
        self.contest = _wrapped(ValueLabel("ELBO of q compared with the encoder and with q*"))
        self.mean = FormLine(GaussianQ, only=("mean_0", "mean_1"))
        self.deviation = FormLine(GaussianQ, only=("deviation_0", "deviation_1"))
        for line in (self.mean, self.deviation):
            line.changed.connect(self._on_typed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self.content = scrolling(self.bars, self.contest, self._buttons(), self.mean, self.deviation, self._table())
        self.content.hide()
        column.addWidget(self.content)
        self.notice = Notice(self)
        offer_ways_out(self.notice, self)
        self.notice.say(LOADING)

    def _buttons(self) -> QWidget:
        self.optimum, self.reset, self.edit = (Button(text) for text in ("Set q to q*", "Reset q", "Edit q"))
        for button, command, slot in (
            (self.optimum, OPTIMUM, self._on_optimum),
            (self.reset, RESET, self._on_reset),
            (self.edit, EDIT, self._on_edit),
        ):
            button.setToolTip(command.tip)
            button.setAccessibleDescription(command.tip)
            button.clicked.connect(slot)
        return ButtonGrid(self.optimum, self.reset, self.edit)

    def _table(self) -> QWidget:
        """Return the table of divergences, means and standard deviations, with the meaning of each divergence."""
        holder = QWidget()
        grid = QGridLayout(holder)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(2)
        self.values = {name: Elided(name, right=True) for name in ROWS}
        for name, value in self.values.items():
            row = grid.rowCount()
            grid.addWidget(QLabel(name), row, 0)
            grid.addWidget(value, row, 1)
            if name in MEANINGS:
                grid.addWidget(_pale(_wrapped(QLabel(MEANINGS[name]))), row + 1, 0, 1, 2)
        grid.setColumnStretch(1, 1)
        return holder

    # Actions of the user

    def set_to_optimum(self) -> None:
        """Set q to q*, now or as soon as q* is computed."""
        if self.present is None or self.present.gap_parts is None:
            self._waiting = _observed(self.document)
            self.hint_changed.emit(SEARCHING)
            return
        self._set_q("Set q to q*", _short(self.present.gap_parts.best))

    def edit_q(self) -> None:
        """Let the user type q, starting from the present q. Raises ValueError if no q is computed yet."""
        if self.present is None:
            raise ValueError(NONE)
        if self.document.q is None:
            self._set_q("Edit q", _short(self.present.encoder))
        self.mean.editors["mean_0"].control.setFocus()

    def _set_q(self, text: str, q: GaussianQ, gesture: object = None) -> None:
        self._waiting = None
        self.edited.emit(Edit(text, self.document.with_q(q), gesture))

    def _on_optimum(self) -> None:
        self.requested.emit(OPTIMUM)

    def _on_reset(self) -> None:
        self.requested.emit(RESET)

    def _on_edit(self) -> None:
        self.requested.emit(EDIT)

    def _on_typed(self, q: GaussianQ, what: str, gesture: object) -> None:
        self._set_q(f"Change {what}", q, gesture)

    @property
    def present(self) -> Decomposition | None:
        """The decomposition of the present observation; None while only that of an earlier one is computed."""
        return self.decomposition if self._of == _observed(self.document) else None

    # Display

    def echo(self, document: Document) -> None:
        assert isinstance(document, Latent)
        self.document = document
        if _observed(document) != self._waiting:
            self._waiting = None
        if document.q is not None:
            self._show_fields(document.q)

    def draw(self, scene: Scene) -> None:
        value = scene.get(elbo_decomposition)  # a decomposition, or a reason as a string
        if isinstance(value, Decomposition) and not np.isfinite(
            value.unboxing.bound.elbo + value.unboxing.log_evidence
        ):
            value = INFINITE
        self.notice.say(value if isinstance(value, str) else "")
        self.decomposition = value if isinstance(value, Decomposition) else None
        self._of = _observed(scene.document)
        self.content.setVisible(self.decomposition is not None)
        if self.decomposition is None:
            self.caption_changed.emit("")
            return
        self._show(self.decomposition)
        mark = scene.get(approximation) or ""
        value = nats(self.decomposition.unboxing.log_evidence)
        self.caption_changed.emit(f"ln p({self.decomposition.symbol}) {value} nats{mark}")
        if self._waiting is not None and self.decomposition.gap_parts is not None:
            self.set_to_optimum()

    def fail(self, failure: Failure) -> None:
        self.decomposition = None
        self.content.hide()
        self.notice.say(failure.reason)

    def _show(self, decomposition: Decomposition) -> None:
        unboxing, q = decomposition.unboxing, decomposition.unboxing.bound
        self.bars.show_sum(
            Sum(
                decomposition.symbol,
                q.reconstruction,
                q.kl,
                unboxing.log_evidence,
                unboxing.error,
                decomposition.gap_parts.best.elbo if decomposition.gap_parts else None,
                decomposition.encoder.elbo if decomposition.by_hand else None,
            )
        )
        self.contest.setText(contest(decomposition))
        self.reset.setEnabled(decomposition.by_hand)
        self.edit.setEnabled(not decomposition.by_hand)
        if self.document.q is None:
            self._show_fields(_short(decomposition.encoder))
        for value, text in zip(self.values.values(), _texts(decomposition), strict=True):
            value.say(text)

    def _show_fields(self, q: GaussianQ) -> None:
        self.mean.show_part(q)
        self.deviation.show_part(q)


OPTIMUM = Command("Set q to the optimal Gaussian q*", "Model/q", run=ElboDecomposition.set_to_optimum,
                  tip="Set q to the Gaussian with independent axes that has the highest ELBO")  # fmt: skip
RESET = Command("Reset q to the encoder's q", "Model/q", edit=with_encoders_q, unavailable=is_encoders_q,
                tip="Set q to the encoder's q again")  # fmt: skip
EDIT = Command("Edit q manually", "Model/q", run=ElboDecomposition.edit_q,
               tip="Drag the squares of q in the posterior, or type its numbers")  # fmt: skip
ElboDecomposition.commands = (OPTIMUM, RESET, EDIT)


def contest(decomposition: Decomposition) -> str:
    """Return a sentence that compares the ELBO of q with that of the encoder's q and with that of q*."""
    name = "q set manually" if decomposition.by_hand else "The encoder's q"
    parts = []
    if decomposition.by_hand:
        parts.append(f"{_compared(decomposition.ahead)} the encoder's")
    gaps = decomposition.gap_parts
    parts.append(_compared(-gaps.amortisation) + " the optimal q*" if gaps else "computing q*…")
    return f"{name}: {', '.join(parts)}{'.' if gaps else ''}"


def _compared(ahead: float) -> str:
    """Return the comparison of two ELBOs that differ by `ahead` nats."""
    if abs(ahead) < EVEN:
        return "as good as"
    return f"{nats(abs(ahead))} nats {'better' if ahead > 0 else 'worse'} than"


def _texts(decomposition: Decomposition) -> list[str]:
    """Return one text for each of ROWS."""
    unboxing, q = decomposition.unboxing, decomposition.unboxing.bound
    best = decomposition.gap_parts.best if decomposition.gap_parts else None
    return [
        f"{nats(unboxing.gap)} nats",
        f"{nats(unboxing.reverse)} nats",
        _pair(q.mean, coordinate),
        _pair(q.deviation, _three),
        _pair(best.mean, coordinate) if best else "–",
        _pair(best.deviation, _three) if best else "–",
    ]


def _short(q: Bound) -> GaussianQ:
    """Return q rounded to six digits, which fit into the fields; the ELBO changes negligibly."""
    mean, deviation = (np.array([float(f"{value:.6g}") for value in pair]) for pair in (q.mean, q.deviation))
    return gaussian_q(mean, deviation)


def _three(value: float) -> str:
    return shown(value, 3)


def _pair(values: Array, spelled: Any) -> str:
    return f"({spelled(float(values[0]))}, {spelled(float(values[1]))})"


def _observed(document: Latent) -> object:
    """Return everything that q* depends on."""
    return document.model, document.input, document.observation, document.step


def _wrapped(label: QLabel) -> QLabel:
    label.setWordWrap(True)
    return label


def _pale(label: QLabel) -> QLabel:
    label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
    return label
