"""The Latent page: its panels, its controllers, and the words below it."""

from __future__ import annotations

from engine.latent.document import Latent
from engine.latent.inputs.input import Blank
from engine.latent.probes import Answer, UnboxedPlace
from gui.latent.image.gallery import GalleryPanel
from gui.latent.image.image_files import ImageFiles
from gui.latent.plane.decoded_image import nearest
from gui.latent.plane.exports import Exporter
from gui.latent.plane.pinned import PinnedInFront
from gui.latent.training.model_files import ModelFiles
from gui.latent.training.trainer import Trainer
from gui.page.shared.bayes_readout import bayes_words
from gui.page.stepper import Stepper
from gui.page.view import PageKind
from gui.widgets.elided import Spans
from gui.widgets.numbers import coordinate, nats

UNBOXING = "unboxing"  # the arrangement that shows the posterior of the selected image


def readout(_: Latent, answer: Answer) -> Spans:
    """Return z and what the model says there; over a heatmap, Bayes' rule at z."""
    at = f"({coordinate(answer.z[0])}, {coordinate(answer.z[1])})"
    if isinstance(answer.place, UnboxedPlace):
        return bayes_words(f"at z = {at}:", answer.bayes)
    return [("hovered", f"z = {at}"), ("prior", f"ln p(z) {nats(answer.log_prior)}"), ("", nearest(answer))]


def position(document: Latent, arrangement: str) -> tuple[int, int] | None:
    """Return how many measurements are taken into account, of how many, where an image is unboxed."""
    if arrangement != UNBOXING or isinstance(document.input, Blank):
        return None
    return document.step, document.steps


def front(document: Latent, arrangement: str) -> str:
    """Return the panel in which an image is selected, as long as none is."""
    return GalleryPanel.title if arrangement == UNBOXING and isinstance(document.input, Blank) else ""


PAGE = PageKind(
    name="latent",
    title="Latent space",
    document=Latent,
    rooms=("gui.latent.plane", "gui.latent.image", "gui.latent.training", "gui.latent.unboxing"),
    controllers=(Stepper, Exporter, Trainer, ModelFiles, ImageFiles, PinnedInFront),
    readout=readout,
    position=position,
    front=front,
)
