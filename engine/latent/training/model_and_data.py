"""Model and data: the card of the model, and the learnt standard deviation of each pixel."""

from __future__ import annotations

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.derived import derived
from engine.latent.document import Latent
from engine.latent.vae.recipe import Card
from engine.plane import Viewport


class ModelFacts(msgspec.Struct, frozen=True, eq=False):
    """The card of a model, and the learnt σ (h, w[, 3]) of its pixels, from 0 to 1, if its likelihood has one."""

    card: Card
    deviation: NDArray[np.float32] | None


@derived(ModelFacts, first=True)
def model_facts(document: Latent, _: Viewport) -> ModelFacts:
    """Return the facts about the document's model."""
    vae = document.loaded_model.vae
    return ModelFacts(vae.card, vae.pixel_deviation)
