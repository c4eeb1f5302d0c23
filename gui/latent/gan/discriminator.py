"""The panel Discriminator: D over the plane as a heatmap, and its logits of test images and generated images."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QLabel

from engine.derived import ANYWHERE, Derived, Scene
from engine.document import Document
from engine.latent.document import Latent
from engine.latent.gan.discriminator import Verdicts, judged_plane, verdicts
from engine.latent.gan.gan import NO_GAN
from engine.latent.probes import Answer, LatentPlace
from engine.plane import Viewport
from gui.latent.gan.gan_trainer import START
from gui.latent.gan.pinning import PinningPanel
from gui.page.jobs import Failure
from gui.page.panel import Place
from gui.plots.colour_bar import ColourBar
from gui.plots.curves.verdicts import VerdictsPlot
from gui.plots.planes.judged import JudgedPlot, verdict_colours
from gui.widgets.folding import Folding
from gui.widgets.notice import Notice
from gui.widgets.numbers import shown
from gui.widgets.rows.stacking import Stacking, stacked
from gui.widgets.rows.wrapped import Wrapped

WARNING = "D changes with G. It is no probability of x, and not comparable between trainings."
LOADING = "Loading PyTorch and the GAN."
QUANTITY = "D(G(z)); blue: looks generated"


class Discriminator(PinningPanel):
    """The panel Discriminator."""

    title = "Discriminator"
    role = "truth"
    shows = (judged_plane, verdicts)
    place = Place(61, "Samples", "tab", 50, 54)
    hint = "Move: the images at the same z · Click: pin · Drag: move all planes · Wheel: zoom"
    sentence = (
        "What the discriminator D says about G(z) all over the plane, and about test images. D compares pairs: zero is "
        "its mean logit of test images. The line in the histograms is the selected image. What D says changes with G; "
        "it is neither a probability of x nor comparable between trainings."
    )
    equation = r"D(G(\mathbf{z}))-\frac1N\sum_n D(\mathbf{x}_n)"

    def __init__(self) -> None:
        start = Latent()
        self.judged = JudgedPlot("The plane of D", start.chart.axes, start.chart.home)
        super().__init__(self.judged)
        self.histograms = VerdictsPlot("Logits of D", "D − mean D of test images")
        self.bar = ColourBar("Colours of D")
        self.fooled, self.chosen = Wrapped("How often D is wrong"), Wrapped("D of the selected image")
        self.warning = QLabel(WARNING)
        self.warning.setWordWrap(True)
        self.column.removeWidget(self.judged)
        words = stacked(self.bar, self.fooled, self.chosen, gap=2)
        words.setContentsMargins(6, 2, 10, 2)
        side = Stacking(("Histograms", self.histograms, 1), ("In words", words, 0))
        self.warning.setContentsMargins(10, 2, 10, 6)
        self.parts = stacked((Folding(("Plane", self.judged, 1, 10), ("Histograms", side, 1, 10)), 1), self.warning)
        self.column.addWidget(self.parts)
        self.absent = Notice(self)
        self.absent.offer(NO_GAN, START.text, START)
        self.absent.asked.connect(self.requested)
        self._show_absent(LOADING)

    def _show_absent(self, reason: str) -> None:
        """Show a reason in place of the plots, or "" for the plots."""
        self.absent.say(reason)
        self.parts.setVisible(not reason)
        if reason:
            self.bar.hide()

    def viewport_of(self, key: Derived[Any]) -> Viewport | None:
        return self.judged.shown if key is judged_plane else ANYWHERE

    def clear(self) -> None:
        self.judged.show_judged(None)

    def echo(self, document: Document) -> None:
        assert isinstance(document, Latent)
        super().echo(document)
        self.judged.pins.show_places(document.pin_places)

    def draw(self, scene: Scene) -> None:
        if judged_plane not in scene:
            return
        judged = scene.get(judged_plane)
        self._show_absent("" if judged else NO_GAN)
        if judged is None:
            self.judged.show_judged(None)
            self.caption_changed.emit("")
            return
        self.judged.show_judged(judged)
        self.bar.show_colours(QUANTITY, -judged.reach, judged.reach, verdict_colours())
        if (found := scene.get(verdicts)) is not None:
            self._show_verdicts(found)

    def _show_verdicts(self, found: Verdicts) -> None:
        self.histograms.show_counts(found.real, found.generated)
        self.histograms.show_chosen(found.chosen)
        count = int(found.real.counts.sum())
        self.fooled.say(
            ("truth", f"{count:,} test images"),
            ("prior", f"{count:,} generated images"),
            f"D is wrong in {100 * found.fooled:.0f} % of all pairs.",
        )
        if found.chosen is None:
            self.chosen.say(found.name)
        else:
            words = f"{found.name}: {shown(found.chosen, 3)}, above {100 * found.below:.0f} % of the test images"
            self.chosen.say(("likelihood", words))
        self.caption_changed.emit(f"after {found.step:,} steps")

    def reveal(self, answer: Answer | None) -> None:
        place = answer.place if answer else None
        self.judged.show_here((place.across, place.up) if isinstance(place, LatentPlace) else None)

    def fail(self, failure: Failure) -> None:
        self._show_absent(failure.reason)
