"""The documents with which the page Latent space starts: a plane with samples, and an image that is a 4 or a 9."""

from __future__ import annotations

from engine.latent.charts import EqualProbability
from engine.latent.document import Latent
from engine.latent.inputs.input import FromData
from engine.latent.observations.half import Half
from engine.latent.plane.samples import draw_samples
from engine.latent.unboxing.latent_space import LatentHeatmapSettings

AMBIGUOUS = 1059  # the test image of MNIST whose bottom half fits a 4 as well as a 9


def new_document() -> Latent:
    """Return a document without an image: the equal-probability chart, samples from the prior, log colours."""
    document = draw_samples(Latent(chart=EqualProbability()))
    return document.with_setting(LatentHeatmapSettings("logarithm, 20 nats"))


def first_sight() -> Latent:
    """Return a new document with the bottom half of the image that is a 4 or a 9 observed."""
    return new_document().with_input(FromData(AMBIGUOUS, held_out=True)).with_observation(Half("bottom"))
