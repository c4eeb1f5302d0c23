"""The verbs of unboxing: how the image is looked at, and one thing that is seen of it after the other."""

from __future__ import annotations

from msgspec.structs import replace

from engine.latent.document import Latent
from engine.latent.inputs.input import Blank
from engine.latent.observations.block_average import BlockAverage
from engine.latent.observations.blur import Blur
from engine.latent.observations.brushed import Brushed
from engine.latent.observations.full import Full
from engine.latent.observations.grey_from_colour import GreyFromColour
from engine.latent.observations.half import Half
from engine.latent.observations.observation import Observation
from engine.latent.observations.pixel_noise import GaussianNoise, SaltAndPepper
from engine.latent.unboxing import brushing
from engine.latent.unboxing.latent_space import SCALES, LatentHeatmapSettings
from engine.part import title_of
from gui.latent.image.gallery import GalleryPanel
from gui.latent.unboxing.latent_space import Posterior
from gui.latent.unboxing.observed_image import ObservedImage
from gui.page.stepper import SteppingView

ARRANGEMENT = "unboxing"
NO_COLOUR = "The model's images are grey already: choose a model of coloured images to see them in grey."
NO_NOISE = "There is no noise in how the image is looked at: choose Gaussian noise, or salt and pepper."


class UnboxingView(SteppingView):
    """A view of an image that is seen in steps. Abstract: `LatentView` is the final one."""

    @property
    def _document(self) -> Latent:
        assert isinstance(self.document, Latent)
        return self.document

    @property
    def position(self) -> tuple[int, int] | None:
        """How many of the things that are seen of the image are taken into account, where that is to be seen."""
        there = self.arrangement == ARRANGEMENT and isinstance(self.document, Latent)
        if not there or isinstance(self._document.input, Blank):
            return None
        return self._document.step, self._document.observation.steps

    def arrange(self) -> None:
        """Before there is an image, what one is chosen from is in front."""
        super().arrange()
        chosen = isinstance(self.document, Latent) and not isinstance(self._document.input, Blank)
        if self.arrangement == ARRANGEMENT and not chosen:
            self.docks[GalleryPanel.title].raise_()

    def stepped(self, n: int) -> Latent:
        """With the first `n` things that are seen."""
        return self._document.step_to(n)

    def look_closer(self) -> None:
        """At where the posterior is."""
        self.bring(Posterior).look_closer()

    def next_scale(self) -> None:
        """The density, or its logarithm."""
        scales = list(SCALES)
        following = scales[(scales.index(self._document[LatentHeatmapSettings].scale) + 1) % len(scales)]
        self.edit(f"Heatmaps: {following}", self._document.with_scale(following))

    def look_whole(self) -> None:
        """At every pixel."""
        self._look(Full())

    def look_brushed(self) -> None:
        """At what is brushed."""
        self._look(brushing.strokes_of(self._document))

    def look_upper(self) -> None:
        """At the upper half."""
        self._look(Half("top"))

    def look_lower(self) -> None:
        """At the lower half."""
        self._look(Half("bottom"))

    def look_blocks(self) -> None:
        """At averages of blocks."""
        self._look(BlockAverage())

    def look_blurred(self) -> None:
        """At a blurred image."""
        self._look(Blur())

    def look_noisy(self) -> None:
        """Through Gaussian noise."""
        self._look(GaussianNoise())

    def look_peppered(self) -> None:
        """Through salt and pepper."""
        self._look(SaltAndPepper())

    def look_grey(self) -> None:
        """At how light the pixels of a coloured image are."""
        if self.scene is not None and len(self.scene.card.shape) < 3:
            self.refused.emit(NO_COLOUR)
        else:
            self._look(GreyFromColour())

    def _look(self, observation: Observation) -> None:
        self.bring(ObservedImage)
        if observation != self._document.observation:
            self.edit(f"Look at: {title_of(type(observation))}", self._document.with_observation(observation))

    def fresh_noise(self) -> None:
        """The same image through other noise."""
        observation = self._document.observation
        if isinstance(observation, GaussianNoise | SaltAndPepper):
            other = replace(observation, seed=(observation.seed + 1) % 2**31)
            self.edit("Draw fresh noise", self._document.with_observation(other))
        else:
            self.refused.emit(NO_NOISE)

    def take_stroke_back(self) -> None:
        """The latest stroke of the brush."""
        self.bring(ObservedImage).take_back()

    def clear_strokes(self) -> None:
        """Cover the whole image again."""
        if isinstance(self._document.observation, Brushed):
            self.edit("Clear the strokes", brushing.cleared(self._document))
        else:
            self.refused.emit(brushing.NOTHING)
