"""The architecture of linear networks."""

from __future__ import annotations

from engine.latent.vae.architectures.architecture import ARCHITECTURES, Architecture
from engine.part import Part


@ARCHITECTURES.register(order=3)
class Affine(Part, Architecture, frozen=True, tag=True):
    """Linear: one linear layer in the encoder and one in the decoder, without activation.

    With the likelihood “Gaussian, linear mean” the model is probabilistic PCA, whose posterior has a closed form.
    """
