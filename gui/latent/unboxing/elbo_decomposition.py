"""Identity: ln p(x) = ELBO + KL(q‖p), for the image that is looked into, and whoever can do better than the encoder."""

from __future__ import annotations

from typing import Any

import numpy as np
from engine.latent.gaussian_q import gaussian_q
from engine.latent.scene import Scene
from msgspec.structs import replace
from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from engine.document import Document
from engine.gaussian import Array
from engine.latent.document import Latent
from engine.latent.gaussian_q import GaussianQ, ReparameterisationSettings
from engine.latent.posterior.unboxing import Bound
from engine.latent.unboxing.elbo_decomposition import Identity as Found
from engine.plane import Viewport
from gui.forms.form_line import FormLine
from gui.page.jobs import Failure
from gui.page.panel import Panel, Place
from gui.page.store import Edit
from gui.plots.curves.identity_bars import IdentityBars, Sum
from gui.widgets.elided import Elided
from gui.widgets.notice import Notice
from gui.widgets.numbers import coordinate, nats, shown
from gui.widgets.scrolling import scrolling

ONCE = Viewport(0, 1, 0, 1, 1, 1)  # the numbers are the same whatever is on the screen
SIDES = 20  # pixels of the scrolled column that are no widget's
LOADING = "Loading PyTorch and the model."
SEARCHING = "The best q is being sought."
NONE = "There is no q to move yet: choose an image in the Gallery first."
EVEN = 0.005  # nats that round to nothing
FORWARD = "punishes q for being where the posterior is not: a best q sits inside one mode."
REVERSE = "punishes q for not being where the posterior is: a best one would cover all modes."
ROWS = ("KL(q‖p)", "KL(p‖q)", "μ of q", "σ of q", "μ of q*", "σ of q*")
TELLING = {"KL(q‖p)": FORWARD, "KL(p‖q)": REVERSE}


class Identity(Panel):
    """Identity."""

    title = "Identity"
    role = "variational"
    draws = "identity"
    place = Place(105, "Observation", "below", 22, 64, "unboxing")
    sentence = (
        "What ln p(x) of the image is made of, in nats: q's reconstruction, less KL(q‖p(z)), is the ELBO; what is "
        "missing is KL(q‖p(z|x)), the gap, drawn once more below. Part of it no Gaussian with independent axes can "
        "avoid, not even the best, q*: the approximation gap. The rest, the amortisation gap, is the encoder's, which "
        "has one network for all images (Cremer, Li and Duvenaud 2018). Drag q in the posterior, and beat the encoder."
    )
    equation = (
        r"\ln p_\theta(\mathbf{x})=\underbrace{\mathbb{E}_q[\ln p_\theta(\mathbf{x}\mid\mathbf{z})]"
        r"-\mathrm{KL}(q\,\|\,p(\mathbf{z}))}_{\mathrm{ELBO}}"
        r"+\mathrm{KL}(q\,\|\,p_\theta(\mathbf{z}\mid\mathbf{x}))"
    )

    def __init__(self) -> None:
        super().__init__()
        self.document = Latent()
        self.found: Found | None = None
        self._of: object = None  # the image that was found
        self._snapping: object = None  # the image for which the best q is wanted as soon as it is known
        self.bars = IdentityBars("ln p of what was seen, and its parts")
        self.contest = _wrapped(QLabel())
        self.contest.setAccessibleName("Beat the encoder")
        self.mean = FormLine(GaussianQ, only=("mean_0", "mean_1"))
        self.deviation = FormLine(GaussianQ, only=("deviation_0", "deviation_1"))
        for line in (self.mean, self.deviation):
            line.changed.connect(self._on_typed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self.content = scrolling(self.bars, self.contest, self._buttons(), self.mean, self.deviation, self._table())
        self.content.hide()
        self.content.viewport().installEventFilter(self)
        column.addWidget(self.content)
        self.notice = Notice(self)
        self.notice.say(LOADING)

    def _buttons(self) -> QWidget:
        self.snap, self.back, self.hand = (QPushButton(text) for text in ("Snap to best", "Encoder's q", "q by hand"))
        holder = QWidget()
        self.grid = QGridLayout(holder)
        self.grid.setContentsMargins(0, 0, 0, 0)
        self.grid.setSpacing(6)
        for button, what, slot in (
            (self.snap, "Put q where no other Gaussian with independent axes has a higher ELBO", self.snap_to_best),
            (self.back, "Put q back to what the encoder says", self.to_encoder),
            (self.hand, "Start from the present q: drag its squares in the posterior, or type", self.take),
        ):
            button.setToolTip(what)
            button.setAccessibleDescription(what)
            button.clicked.connect(slot)
        return holder

    def _wrap(self) -> None:
        """As many buttons to a row as there is room for."""
        buttons = (self.snap, self.back, self.hand)
        widest = max(button.sizeHint().width() for button in buttons) + self.grid.spacing()
        columns = max(1, (self.content.viewport().width() - SIDES) // widest)
        for i, button in enumerate(buttons):
            self.grid.addWidget(button, i // columns, i % columns)

    def _table(self) -> QWidget:
        """What the numbers are called, and below a number what it punishes."""
        holder = QWidget()
        grid = QGridLayout(holder)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(2)
        self.values = {name: Elided(name, right=True) for name in ROWS}
        for name, value in self.values.items():
            row = grid.rowCount()
            grid.addWidget(QLabel(name), row, 0)
            grid.addWidget(value, row, 1)
            if name in TELLING:
                grid.addWidget(_pale(_wrapped(QLabel(TELLING[name]))), row + 1, 0, 1, 2)
        grid.setColumnStretch(1, 1)
        return holder

    # What the user does

    def snap_to_best(self) -> None:
        """Put q where it is best, now or as soon as that is known."""
        if self.present is None or self.present.split is None:
            self._snapping = _looked_at(self.document)
            self.hint_changed.emit(SEARCHING)
            return
        best = self.present.split.best
        self._put("Snap q to best", _short(best))

    def to_encoder(self) -> None:
        """Put q back to the encoder's."""
        if self.document.q is None:
            self.refused.emit("This is the encoder's q: drag it in the posterior, or press “q by hand”, to move it.")
            return
        self._put("Back to the encoder's q", None)

    def take(self) -> None:
        """Start from the present q."""
        if self.present is None:
            self.refused.emit(NONE)
        elif self.document.q is None:
            self._put("q by hand", _short(self.present.encoder))
        self.mean.editors["mean_0"].control.setFocus()

    def _put(self, text: str, q: GaussianQ | None, gesture: object = None) -> None:
        self._snapping = None
        trick = replace(self.document[ReparameterisationSettings], q=q)
        self.edited.emit(Edit(text, self.document.with_setting(trick), gesture))

    def _on_typed(self, q: GaussianQ, what: str, gesture: object) -> None:
        self._put(f"Change {what}", q, gesture)

    @property
    def present(self) -> Found | None:
        """What was found of the image that is looked into now, and not of the one before."""
        return self.found if self._of == _looked_at(self.document) else None

    # What is shown

    def appear(self, seen: bool) -> None:
        self.viewport_changed.emit(self.draws, ONCE if seen else None)

    def echo(self, document: Document) -> None:
        assert isinstance(document, Latent)
        self.document = document
        if _looked_at(document) != self._snapping:
            self._snapping = None
        if document.q is not None:
            self._show_fields(document.q)

    def draw(self, scene: Scene) -> None:
        found = scene.pictures.get(self.draws)
        if found is None:
            return
        self.notice.say(found if isinstance(found, str) else "")
        self.found = None if isinstance(found, str) else found
        self._of = _looked_at(scene.document)
        self.content.setVisible(self.found is not None)
        if self.found is None:
            self.caption_changed.emit("")
            return
        self._show(self.found)
        if self._snapping is not None and self.found.split is not None:
            self.snap_to_best()

    def fail(self, failure: Failure) -> None:
        self.found = None
        self.content.hide()
        self.notice.say(failure.reason)

    def _show(self, found: Found) -> None:
        unboxing, q = found.unboxing, found.unboxing.bound
        self.bars.show_sum(
            Sum(
                found.symbol,
                q.reconstruction,
                q.kl,
                unboxing.log_evidence,
                unboxing.error,
                found.split.best.elbo if found.split else None,
                found.encoder.elbo if found.by_hand else None,
            )
        )
        self.contest.setText(contest(found))
        self.back.setEnabled(found.by_hand)
        self.hand.setEnabled(not found.by_hand)
        if self.document.q is None:
            self._show_fields(_short(found.encoder))
        for value, text in zip(self.values.values(), _told(found), strict=True):
            value.say(text)
        self.caption_changed.emit(f"ln p({found.symbol}) {nats(unboxing.log_evidence)}")

    def _show_fields(self, q: GaussianQ) -> None:
        self.mean.show_part(q)
        self.deviation.show_part(q)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """The column is also resized when it is first shown, and when it comes to scroll."""
        if event.type() == QEvent.Type.Resize:
            self._wrap()
        return False

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._wrap()


def contest(found: Found) -> str:
    """How q does against the encoder's, and against the best."""
    name = "q by hand" if found.by_hand else "The encoder's q"
    parts = []
    if found.by_hand:
        parts.append(f"{_compared(found.ahead)} the encoder's")
    parts.append(
        _compared(-found.split.amortisation) + " the best q*" if found.split else "the best q* is being sought"
    )
    return f"{name}: {', '.join(parts)}."


def _compared(ahead: float) -> str:
    if abs(ahead) < EVEN:
        return "as good as"
    return f"{nats(abs(ahead))} nats {'better' if ahead > 0 else 'worse'} than"


def _told(found: Found) -> list[str]:
    """A text for each of ROWS."""
    unboxing, q = found.unboxing, found.unboxing.bound
    best = found.split.best if found.split else None
    return [
        f"{nats(unboxing.gap)} nats",
        f"{nats(unboxing.reverse)} nats",
        _pair(q.mean, coordinate),
        _pair(q.deviation, _three),
        _pair(best.mean, coordinate) if best else "–",
        _pair(best.deviation, _three) if best else "–",
    ]


def _short(q: Bound) -> GaussianQ:
    """The same q in numbers that fit into their fields: to six digits, which no ELBO notices."""
    mean, deviation = (np.array([float(f"{value:.6g}") for value in pair]) for pair in (q.mean, q.deviation))
    return gaussian_q(mean, deviation)


def _three(value: float) -> str:
    return shown(value, 3)


def _pair(values: Array, spelled: Any) -> str:
    return f"({spelled(float(values[0]))}, {spelled(float(values[1]))})"


def _looked_at(document: Latent) -> object:
    """What decides which q is best."""
    return document.model, document.trained, document.input, document.observation, document.step


def _wrapped(label: QLabel) -> QLabel:
    label.setWordWrap(True)
    return label


def _pale(label: QLabel) -> QLabel:
    label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
    return label
