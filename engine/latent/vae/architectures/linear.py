"""The architecture of linear networks."""

from __future__ import annotations

from engine.latent.vae.architectures.architecture import ARCHITECTURES, Architecture
from engine.part import Part


@ARCHITECTURES.register(order=3)
class Affine(Part, Architecture, frozen=True, tag=True):
    """Linear: a single linear layer each way, without activation.

    With the likelihood “Gaussian, linear mean” the decoder is that of probabilistic PCA.
    """
