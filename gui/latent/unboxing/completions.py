"""Completions: what the complete image may be, given what was seen: peaks, mean, deviation, samples and classes."""

from __future__ import annotations

import numpy as np
from engine.latent.scene import Scene, UnboxedPlace
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from engine.document import Document
from engine.gaussian import Array
from engine.latent.document import Latent
from engine.latent.posterior.modes import LETTERS
from engine.latent.unboxing.completions import Completed, CompletionsSettings, Guess
from engine.plane import Viewport
from gui.forms.form_line import FormLine
from gui.page.jobs import Failure
from gui.page.panel import Panel, Place
from gui.page.store import Edit
from gui.plots.curves.class_bars import ClassBars
from gui.plots.images.picks import Picks
from gui.plots.images.tiles import Tile, Tiles
from gui.widgets.elided import Elided
from gui.widgets.notice import Notice
from gui.widgets.numbers import coordinate, nats, shown

LOADING = "Loading PyTorch and the model."
HINT = "Hover: where it lies in the planes · Click: pin it · Arrows, Enter: the same by keyboard"
ENCODER = ("encoder alone, q(z|what was seen)", "encoder alone, q(z|seen)", "encoder alone", "encoder")
DEVIATION = {False: ("σ of E[x|z]",), True: ("σ of x",)}
BELOW = "Below the pictures: ln p(seen | z)"
FLAT = 1e-3  # a deviation that is nowhere larger is drawn as none
ONCE = Viewport(0, 1, 0, 1, 1, 1)  # it is the same whatever is on the screen


class Completions(Panel):
    """Completions."""

    title = "Completions"
    role = "posterior"
    draws = "completions"
    place = Place(106, "Observed image", "right", 54, 48, "unboxing")
    sentence = (
        "What the complete image may be, given what was seen of it: the peaks of the posterior, decoded, and how much "
        "of it each holds; the mean over all of it, which averages ambiguity away, and σ, which shows where it was; "
        "what the encoder alone would have said of the picture that was seen, with unseen pixels 0; below, samples of "
        "the posterior, decoded. Classes are told by where the held-out images lie; the image itself has no vote."
    )
    equation = (
        r"\mathrm{Var}(\mathbf{x}\mid\mathrm{seen})=\mathrm{Var}_{\mathbf{z}\mid\mathrm{seen}}"
        r"(\mathbb{E}[\mathbf{x}\mid\mathbf{z}])+\mathbb{E}_{\mathbf{z}\mid\mathrm{seen}}"
        r"[\mathrm{Var}(\mathbf{x}\mid\mathbf{z})]"
    )

    def __init__(self) -> None:
        super().__init__()
        self.document = Latent()
        self.found = Completed(LOADING)
        self.peaks = Elided("Peaks of the posterior")
        self.tiles, self.bars = Tiles("Peaks, mean, deviation, encoder"), ClassBars("Probability of each class")
        self.classes = Elided("Whose classes")
        self.samples, self.form = Picks("Samples of complete images"), FormLine(CompletionsSettings, only=_FIELDS)
        self.fresh = QPushButton("Fresh draws")
        self.fresh.setToolTip("Draw other samples from the same posterior")
        self.content, self.area = QWidget(), QScrollArea()  # which scrolls where the text is too large
        self._lay_out()
        self._connect()
        self.notice = Notice(self)
        self._say(self.found.lacking)

    def _lay_out(self) -> None:
        right, middle, below = QVBoxLayout(), QHBoxLayout(), QHBoxLayout()
        right.setSpacing(0)
        right.addWidget(self.classes)
        right.addWidget(self.bars, 1)
        middle.setSpacing(10)
        middle.addWidget(self.tiles, 10)
        middle.addLayout(right, 4)
        below.setSpacing(10)
        below.addWidget(self.form)
        below.addStretch(1)
        below.addWidget(self.fresh)
        column = QVBoxLayout(self.content)
        column.setContentsMargins(10, 2, 10, 6)
        column.setSpacing(4)
        column.addWidget(self.peaks)
        column.addLayout(middle, 5)
        column.addWidget(self.samples, 3)
        column.addLayout(below)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.area)
        self.area.setWidget(self.content)
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)

    def _connect(self) -> None:
        self.tiles.pointed.connect(self._on_tile)
        self.tiles.picked.connect(self._on_tile_picked)
        self.samples.pointed.connect(self._on_sample)
        self.samples.picked.connect(self._on_sample_picked)
        self.form.changed.connect(self._on_form)
        self.fresh.clicked.connect(self.draw_fresh)

    # What the user does

    def draw_fresh(self) -> None:
        """Other samples."""
        self._change("Draw fresh completions", self.document[CompletionsSettings].fresh())

    def _on_form(self, completing: CompletionsSettings, what: str, gesture: object) -> None:
        self._change(f"Change {what}", completing, gesture)

    def _change(self, text: str, completing: CompletionsSettings, gesture: object = None) -> None:
        self.edited.emit(Edit(text, self.document.with_setting(completing), gesture))

    def _on_tile(self, number: int | None) -> None:
        self._point(None if number is None else self.tiles.shown[number].place)

    def _on_tile_picked(self, number: int) -> None:
        self._pin(self.tiles.shown[number].place)

    def _on_sample(self, number: int | None) -> None:
        self._point(None if number is None else _pair(self.found.z[number]))

    def _on_sample_picked(self, number: int) -> None:
        self._pin(_pair(self.found.z[number]))

    def _point(self, z: tuple[float, float] | None) -> None:
        self.hint_changed.emit(HINT if z else "")
        self.probed.emit(UnboxedPlace(*z) if z else None)

    def _pin(self, z: tuple[float, float] | None) -> None:
        if z is not None:
            self.edited.emit(Edit("Pin picture", self.document.pin(z)))

    # What is shown

    def echo(self, document: Document) -> None:
        assert isinstance(document, Latent)
        self.document = document
        self.form.show_part(document[CompletionsSettings])

    def appear(self, seen: bool) -> None:
        self.viewport_changed.emit(self.draws, ONCE if seen else None)

    def draw(self, scene: Scene) -> None:
        found: Completed = scene.pictures[self.draws]
        self.found = found
        self._say(found.lacking)
        if found.lacking or found.divided is None:
            self.caption_changed.emit("")
            return
        self._tell(found)
        self.tiles.show_tiles(self._peaks(found), self._others(found))
        self.samples.show_ink(found.ink)
        self.form.editors["as_seen"].setEnabled(found.whole)
        several = len(found.divided.classes) > 1
        for widget in (self.bars, self.classes):
            widget.setVisible(several)
        self.bars.show_classes(found.divided.classes, found.divided.probabilities)

    def _say(self, why: str) -> None:
        self.area.setVisible(not why)
        self.notice.say(why)

    def _tell(self, found: Completed) -> None:
        assert found.divided is not None
        voters = f"by where {found.divided.images:,} held-out images lie"
        if found.step:
            error = f" ± {found.error:.1g}" if found.error >= 0.005 else ""
            self.caption_changed.emit(f"p(x | seen), ln p(seen) = {nats(found.log_evidence)}{error} nats")
            self.peaks.say(("posterior", f"p(z | seen): {found.divided.words}"), BELOW)
            self.classes.say(f"p(class | seen), {voters}")
        else:
            self.caption_changed.emit("p(x)")
            self.peaks.say(("prior", "Nothing is seen yet: these are samples from the prior p(z)."))
            self.classes.say(f"p(class), {voters}")

    def _peaks(self, found: Completed) -> tuple[Tile, ...]:
        assert found.divided is not None
        if not found.step:
            return ()
        modes, several = found.divided.modes, len(found.divided.modes) > 1
        return tuple(
            _tile(
                _named(letter if several else "peak", found.divided.mode_words(mode)),
                f"{'Peak ' + letter if several else 'The peak'} of p(z | seen), decoded",
                guess,
                "posterior",
            )
            for letter, mode, guess in zip(LETTERS, modes, found.peaks, strict=False)
        )

    def _others(self, found: Completed) -> tuple[Tile, ...]:
        """Mean, deviation, and the encoder's."""
        assert found.mean is not None
        assert found.deviation is not None
        given, role = ("x|seen", "posterior") if found.step else ("x", "prior")
        of_what = "all of it" if found.exact else f"of {len(found.ink)} samples"
        tip = f"The mean picture E[{given}], of {'all the mass' if found.exact else 'the samples so far'}"
        made = [Tile((f"E[{given}]",), (of_what,), found.mean, role, tip), self._deviation(found, role)]
        if found.encoder is not None:
            what = "Encoder alone: decoded at the mean of q(z | what was seen), unseen pixels being 0"
            made.append(_tile(ENCODER, what, found.encoder, "variational"))
        return tuple(made)

    def _deviation(self, found: Completed, role: str) -> Tile:
        assert found.deviation is not None
        noisy = self.document[CompletionsSettings].with_noise
        grey = found.deviation if found.deviation.ndim == 2 else np.sqrt((found.deviation**2).mean(axis=-1))
        most = float(grey.max())
        heat = np.rint(255 * grey / max(most, FLAT)).astype(np.uint8)
        what = "of each pixel, noise included" if noisy else "over z: which picture it is"
        tip = f"One standard deviation {what}; bright is {shown(most, 2)}, dark is 0"
        return Tile(DEVIATION[noisy], (f"0 to {shown(most, 2)}",), heat, role, tip, heat=True)

    def fail(self, failure: Failure) -> None:
        self._say(failure.reason)


_FIELDS = ("samples", "as_seen", "with_noise")


def _tile(titles: tuple[str, ...], what: str, guess: Guess, role: str) -> Tile:
    z = _pair(guess.z)
    fit = nats(guess.log_likelihood)
    tip = f"{what} at z = ({coordinate(z[0])}, {coordinate(z[1])}); ln p(seen | z) = {fit} nats"
    return Tile(titles, (f"ln p(seen|z) {fit}", f"ln p {fit}", fit), guess.ink, role, tip, z)


def _named(letter: str, words: str) -> tuple[str, ...]:
    return f"{letter} {words}", f"{letter} {words}".replace(" a “", " “")


def _pair(z: Array) -> tuple[float, float]:
    return float(z[0]), float(z[1])
