"""The objectives of a training as modules, so that several processes can average their gradients."""

from __future__ import annotations

from torch import Tensor, nn

from engine.latent.vae.networks.networks import Networks
from engine.latent.vae.recipe import Recipe
from engine.latent.vae.training.elbo import with_penalty
from engine.latent.vae.training.exact_evidence import ExactEvidence


class Bound(nn.Module):
    """The terms of the ELBO, or of the loss of a recipe with a mistake."""

    def __init__(self, networks: Networks, recipe: Recipe) -> None:
        super().__init__()
        self.networks = networks
        self.recipe = recipe

    def forward(
        self, labels: Tensor, epochs: float, x: Tensor, encoded: Tensor, noise: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return reconstruction, KL and penalty, each (n,) in nats, after a number of epochs; as `with_penalty`."""
        given, opening = self.networks.given(labels), self.recipe.opening(epochs)
        return with_penalty(given, self.recipe.mistake, opening, x, encoded, noise)


def objective_of(networks: Networks, recipe: Recipe) -> nn.Module:
    """Return the module whose three outputs, each (n,) in nats, are those of `with_penalty`."""
    return (ExactEvidence if recipe.is_exact else Bound)(networks, recipe)


def clipped_together(networks: Networks, recipe: Recipe) -> list[list[Tensor]]:
    """Return groups of weights with one limit for the gradient of each group.

    On the exact evidence the encoder is a group of its own, so that the decoder does not depend on it at all.
    """
    every: list[Tensor] = list(networks.parameters())
    if not recipe.is_exact:
        return [every]
    encoder: list[Tensor] = list(networks.encoder.parameters())
    own = {id(weight) for weight in encoder}
    return [[weight for weight in every if id(weight) not in own], encoder]
