"""The panel Completions: complete images given the observed pixels, as modes, mean, σ, samples and classes."""

from __future__ import annotations

import numpy as np
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from engine.derived import Scene
from engine.document import Document
from engine.gaussian import Array
from engine.latent.document import Latent
from engine.latent.posterior.annealing import disagree
from engine.latent.posterior.modes import LETTERS
from engine.latent.probes import UnboxedPlace
from engine.latent.unboxing.bracket import CHAINS
from engine.latent.unboxing.completions import Completed, CompletionsSettings, Guess, completions, fresh_completions
from engine.latent.unboxing.observation import approximation
from gui.forms.form_line import FormLine
from gui.latent.unboxing.offers import offer_ways_out
from gui.page.commands import Command
from gui.page.jobs import Failure
from gui.page.panel import Panel, Place
from gui.page.store import Edit
from gui.plots.curves.class_bars import ClassBars
from gui.plots.images.picks import Picks
from gui.plots.images.tiles import Tile, Tiles
from gui.widgets.controls import Button
from gui.widgets.elided import Elided
from gui.widgets.notice import LOADING, Notice
from gui.widgets.numbers import coordinate, nats, shown
from gui.widgets.plain_tip import plain_tip
from gui.widgets.rows.wrapped import Wrapped
from gui.widgets.scrolling import CalmArea, Content

HINT = "Hover, or arrows: ring its latent in the planes · Click, or Enter: pin it"
ENCODER = ("encoder alone, q(z|observed pixels)", "encoder alone, q(z|seen)", "encoder alone", "encoder")
DEVIATION = {False: ("σ of E[x|z]",), True: ("σ of x",)}
BELOW = "Below the images: ln p(seen | z)"
FLAT = 1e-3  # if the standard deviation is smaller than this everywhere, it is drawn as 0
NEW_COMPLETIONS = Command("New completions", "View/New samples", edit=fresh_completions,
                          tip="Draw new completions from the same posterior")  # fmt: skip


class Completions(Panel):
    """The panel Completions."""

    title = "Completions"
    role = "posterior"
    shows = (completions, approximation)
    commands = (NEW_COMPLETIONS,)
    place = Place(106, "Observed image", "right", 54, 48, "unboxing")
    sentence = (
        "Complete images that agree with the observed pixels. Above: the decoded modes of the posterior with their "
        "probabilities, then the posterior mean and σ, which shows where the samples disagree. Purple: the encoder's "
        "reconstruction, with hidden pixels set to 0. Below: decoded samples. Class probabilities come from the test "
        "images near each z, without the selected image. A mode is named after the class of most of these images. "
        "With more than two latents the samples are from all latents, by annealed importance sampling."
    )
    equation = (
        r"\mathrm{Var}(\mathbf{x}\mid\mathrm{seen})=\mathrm{Var}_{\mathbf{z}\mid\mathrm{seen}}"
        r"(\mathbb{E}[\mathbf{x}\mid\mathbf{z}])+\mathbb{E}_{\mathbf{z}\mid\mathrm{seen}}"
        r"[\mathrm{Var}(\mathbf{x}\mid\mathbf{z})]"
    )

    def __init__(self) -> None:
        super().__init__()
        self.document = Latent()
        self.completed = Completed(LOADING)
        self.modes = Wrapped("Modes of the posterior")
        self.tiles, self.bars = Tiles("Modes, mean, σ, encoder"), ClassBars("Probability of each class")
        self.classes = Elided("Source of the class probabilities")
        self.samples, self.form = Picks("Samples of complete images"), FormLine(CompletionsSettings, only=_FIELDS)
        self.new = Button("New samples")
        self.new.setToolTip(NEW_COMPLETIONS.tip)
        self.content, self.area = Content(), CalmArea()  # scrolls if the text is too large
        self._lay_out()
        self._connect()
        self.notice = Notice(self)
        offer_ways_out(self.notice, self)
        self._say(self.completed.unavailable)

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
        below.addWidget(self.new)
        column = QVBoxLayout(self.content)
        column.setContentsMargins(10, 2, 10, 6)
        column.setSpacing(4)
        column.addWidget(self.modes)
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
        self.new.clicked.connect(self._on_new)

    # Actions of the user

    def _on_new(self) -> None:
        self.requested.emit(NEW_COMPLETIONS)

    def _on_form(self, chosen: CompletionsSettings, what: str, gesture: object) -> None:
        self.edited.emit(Edit(f"Change {what}", self.document.with_setting(chosen), gesture))

    def _on_tile(self, number: int | None) -> None:
        self._point(None if number is None else self.tiles.shown[number].place)

    def _on_tile_picked(self, number: int) -> None:
        self._pin(self.tiles.shown[number].place)

    def _on_sample(self, number: int | None) -> None:
        self._point(None if number is None else self._place(number))

    def _on_sample_picked(self, number: int) -> None:
        self._pin(self._place(number))

    def _place(self, number: int) -> tuple[float, float] | None:
        """Return the latent of a sample; None for more than two latents, where a sample does not lie on the plane."""
        return _pair(self.completed.z[number]) if number < len(self.completed.z) else None

    def _point(self, z: tuple[float, float] | None) -> None:
        self.hint_changed.emit(HINT if z else "")
        self.probed.emit(UnboxedPlace(*z) if z else None)

    def _pin(self, z: tuple[float, float] | None) -> None:
        if z is not None:
            self.edited.emit(Edit("Pin image", self.document.pin(z)))

    # Display

    def echo(self, document: Document) -> None:
        assert isinstance(document, Latent)
        self.document = document
        self.form.show_part(document[CompletionsSettings])

    def draw(self, scene: Scene) -> None:
        completed = scene.get(completions)
        if completed is None:
            return
        self.completed = completed
        self._say(completed.unavailable)
        if completed.unavailable or completed.divided is None:
            self.caption_changed.emit("")
            return
        self._write(completed, scene.get(approximation) or "")
        self.tiles.show_tiles(self._modes(completed), self._others(completed))
        self.samples.show_ink(completed.ink)
        self.form.editors["as_seen"].setEnabled(completed.whole)
        several = len(completed.divided.classes) > 1
        for widget in (self.bars, self.classes):
            widget.setVisible(several)
        self.bars.show_classes(completed.divided.classes, completed.divided.probabilities)

    def _say(self, reason: str) -> None:
        """Show the reason instead of the completions; the completions for an empty reason."""
        self.area.setVisible(not reason)
        self.notice.say(reason)

    def _write(self, completed: Completed, mark: str) -> None:
        """Write the caption, the list of modes, and the source of the class probabilities."""
        assert completed.divided is not None
        self.bars.setToolTip(plain_tip(f"From {completed.divided.images:,} test images near each z"))
        if completed.latents > 2:
            self._write_all_latents(completed)
        elif completed.step:
            error = f" ± {completed.error:.1g}" if completed.error >= 0.005 else ""
            self.caption_changed.emit(f"p(x | seen), ln p(seen) = {nats(completed.log_evidence)}{error} nats{mark}")
            self.modes.say(("posterior", f"p(z | seen): {completed.divided.words}"), BELOW)
            self.classes.say("p(class | seen)")
        else:
            self.caption_changed.emit("p(x)")
            self.modes.say(("prior", "No observations yet: samples from the prior p(z)."))
            self.classes.say("p(class)")

    def _write_all_latents(self, completed: Completed) -> None:
        """Write what is sampled for more than two latents, and how well."""
        given = "x | seen" if completed.step else "x"
        bound = f"{nats(completed.log_evidence)} ± {shown(max(completed.error, 1e-4), 1)}"
        self.caption_changed.emit(f"p({given}), all {completed.latents} latents: ln p(seen) ≥ {bound} nats")
        words = "Annealed importance sampling from q over all latents, not only over the plane"
        if disagree(completed.effective, CHAINS):
            words = "The chains disagree: few of them have most of the weight"
        self.modes.say(("posterior", f"{words}; effective sample size {completed.effective:.0f} of {CHAINS}"), BELOW)
        self.classes.say("")

    def _modes(self, completed: Completed) -> tuple[Tile, ...]:
        """Return a tile for each mode of the posterior; none before the first observation."""
        assert completed.divided is not None
        if not completed.step:
            return ()
        modes, several = completed.divided.modes, len(completed.divided.modes) > 1
        return tuple(
            _tile(
                _named(letter if several else "mode", completed.divided.mode_words(mode)),
                f"{'Mode ' + letter if several else 'The mode'}, named after most test images near it, decoded",
                guess,
                "posterior",
            )
            for letter, mode, guess in zip(LETTERS, modes, completed.peaks, strict=False)
        )

    def _others(self, completed: Completed) -> tuple[Tile, ...]:
        """Return the tiles of the mean, of the standard deviation and, if available, of the encoder."""
        assert completed.mean is not None
        assert completed.deviation is not None
        given, role = ("x|seen", "posterior") if completed.step else ("x", "prior")
        note = f"{role} mean" if completed.exact else f"of {len(completed.ink)} samples"
        tip = f"The mean image E[{given}], over {f'the whole {role}' if completed.exact else 'the samples so far'}"
        if completed.latents > 2:
            note, tip = "weighted mean", f"The mean image E[{given}], over {CHAINS} weighted samples"
        notes = (note, "mean" if completed.exact else note.removeprefix("of "))
        tiles = [Tile((f"E[{given}]",), notes, completed.mean, role, tip), self._deviation(completed, role)]
        if completed.encoder is not None:
            name = "Encoder alone: decoded at the mean of q(z | observed pixels), with hidden pixels set to 0"
            tiles.append(_tile(ENCODER, name, completed.encoder, "variational"))
        return tuple(tiles)

    def _deviation(self, completed: Completed, role: str) -> Tile:
        """Return the tile of the standard deviation of each pixel, as a heatmap scaled to its maximum."""
        assert completed.deviation is not None
        noisy, sigma = self.document[CompletionsSettings].with_noise, completed.deviation
        grey = sigma if sigma.ndim == 2 else np.sqrt((sigma**2).mean(axis=-1))
        most = float(grey.max())
        heat = np.rint(255 * grey / max(most, FLAT)).astype(np.uint8)
        quantity = "of each pixel, pixel noise included" if noisy else "of E[x|z]: where the samples disagree"
        tip = f"One standard deviation {quantity}; bright is {shown(most, 2)}, dark is 0"
        return Tile(DEVIATION[noisy], (f"0 to {shown(most, 3)}",), heat, role, tip, heat=True)

    def fail(self, failure: Failure) -> None:
        self._say(failure.reason)


_FIELDS = ("samples", "as_seen", "with_noise")


def _tile(titles: tuple[str, ...], name: str, guess: Guess, role: str) -> Tile:
    """Return the tile of an image decoded at one latent, with ln p(seen | z) in nats below it."""
    place = _pair(guess.z) if len(guess.z) == 2 else None
    fit, z = nats(guess.log_likelihood), ", ".join(coordinate(value) for value in guess.z)
    tip = f"{name} at z = ({z}); ln p(seen | z) = {fit} nats"
    return Tile(titles, (f"ln p(seen|z) {fit}", f"ln p {fit}", fit), guess.ink, role, tip, place)


def _named(letter: str, words: str) -> tuple[str, ...]:
    """Return the titles of a mode, the longer one first."""
    return f"{letter} {words}", f"{letter} {words}".replace(" a “", " “")


def _pair(z: Array) -> tuple[float, float]:
    return float(z[0]), float(z[1])
