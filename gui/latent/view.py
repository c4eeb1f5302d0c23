"""The page Latent space: its panels, its controllers, its read-out, and its arrangement for the tab Exact posterior."""

from __future__ import annotations

from engine.latent.document import Latent
from engine.latent.first_sight import first_sight, new_document
from engine.latent.inputs.input import Blank
from engine.latent.probes import Answer, UnboxedPlace
from gui.latent.gan.gan_trainer import GanTrainer
from gui.latent.image.encoded_image import EncodedInFront
from gui.latent.image.gallery import GalleryPanel
from gui.latent.image.image_files import ImageFiles
from gui.latent.plane.decoded_image import nearest
from gui.latent.plane.exports import Exporter
from gui.latent.training.model_files import ModelFiles
from gui.latent.training.trainer import Trainer
from gui.latent.training.training_images import TrainingImages
from gui.page.shared.bayes_readout import bayes_words
from gui.page.stepper import Stepper
from gui.page.view import PageKind
from gui.widgets.elided import Spans
from gui.widgets.numbers import coordinate, nats

UNBOXING = "unboxing"  # the arrangement of the tab Exact posterior


def readout(_: Latent, answer: Answer) -> Spans:
    """Return z, ln p(z) in nats and the nearest test image; over a heatmap, Bayes' rule at z in numbers.

    A conditional model has a plane for each class, so its class is named as well.
    """
    place = f"({coordinate(answer.z[0])}, {coordinate(answer.z[1])})"
    given: Spans = [("", f"given the class “{answer.given}”")] if answer.given else []
    if isinstance(answer.place, UnboxedPlace):
        return [*bayes_words(f"at {answer.symbol} = {place}:", answer.bayes), *given]
    prior = f"ln {answer.prior_symbol} {nats(answer.log_prior)} nats"
    return [("hovered", f"{answer.symbol} = {place}"), ("prior", prior), ("", nearest(answer)), *given]


def position(document: Latent, arrangement: str) -> tuple[int, int] | None:
    """Return the step and the number of measurements; None without an image, or in another arrangement."""
    if arrangement != UNBOXING or isinstance(document.input, Blank):
        return None
    return document.step, document.steps


def front(document: Latent, arrangement: str) -> str:
    """Return the title of the panel to raise: the Gallery, as long as no image is selected; else ""."""
    return GalleryPanel.title if arrangement == UNBOXING and isinstance(document.input, Blank) else ""


PAGE = PageKind(
    name="latent",
    title="Latent space",
    document=Latent,
    rooms=("gui.latent.plane", "gui.latent.image", "gui.latent.training", "gui.latent.gan", "gui.latent.unboxing"),
    controllers=(Stepper, Exporter, Trainer, GanTrainer, TrainingImages, ModelFiles, ImageFiles, EncodedInFront),
    readout=readout,
    position=position,
    front=front,
    first=first_sight,
    new=new_document,
)
