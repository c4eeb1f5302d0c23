"""The objectives of a training, as modules so that several processes can average their gradients, and the gradients."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from engine.latent.vae.mistakes import kl_factor
from engine.latent.vae.networks.networks import Networks
from engine.latent.vae.recipe import Recipe
from engine.latent.vae.training.data_parallel import DataParallel
from engine.latent.vae.training.elbo import with_penalty
from engine.latent.vae.training.exact_evidence import ExactEvidence
from engine.latent.vae.training.fully_connected import FullyConnected


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


class Descent:
    """The gradient of the loss of a recipe for the weights of its networks."""

    def __init__(self, networks: Networks, recipe: Recipe, share: DataParallel, device: torch.device) -> None:
        self.weights = list(networks.parameters())
        self.recipe, self.share, self.device = recipe, share, device
        self.precision = torch.bfloat16 if recipe.precision == "bfloat16" else torch.float32
        self.objective = share.wrapped((ExactEvidence if recipe.is_exact else Bound)(networks, recipe), device)
        simple = recipe.mistake != "σ instead of σ²" and not recipe.is_exact and share.processes == 1
        by_hand = simple and device.type == "cpu"
        self.fully_connected = FullyConnected.of(networks, self.precision) if by_hand else None

    def __call__(
        self, epochs: float, labels: Tensor, x: Tensor, encoded: Tensor, noise: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Set the gradients of the weights for this process's share of a batch, after a number of epochs.

        Returns reconstruction and KL of the share, each (n,) in nats, without a gradient. The other arguments are those
        of `Bound`, for the whole batch.
        """
        weight, each = self.recipe.kl_weight(epochs), self.share.processes / len(x)
        if self.fully_connected is not None and self.recipe.opening(epochs) == (1.0, 1.0):
            factor, one = kl_factor(self.recipe.mistake, x.shape[1], noise.shape[1]), torch.tensor(each)
            return self.fully_connected.descend(x, encoded, noise, -one, one * weight * factor)
        mine = self.share.of(len(x))
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.precision == torch.bfloat16):
            fit, kl, penalty = self.objective(labels[mine], epochs, x[mine], encoded[mine], noise[mine])
        for parameter in self.weights:
            parameter.grad = None
        torch.autograd.backward((weight * penalty - fit).sum() * each)
        return fit.detach(), kl.detach()


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
