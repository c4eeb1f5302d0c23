"""Plain fully connected networks."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from torch import Tensor, nn

from engine.latent.vae.architectures import Activation, Mlp

LOG_VARIANCE = (-12.0, 4.0)  # keeps training in half precision finite
ACTIVATIONS: dict[Activation, type[nn.Module]] = {"ReLU": nn.ReLU, "GELU": nn.GELU, "tanh": nn.Tanh}


class Posterior(nn.Module):
    """x (n, pixels) -> mean (n, 2), log variance (n, 2) of q_φ(z|x), from layers that put out four numbers."""

    def __init__(self, layers: nn.Module) -> None:
        super().__init__()
        self.layers = layers

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        out = self.layers(x).to(x.dtype)
        return out[:, :2], out[:, 2:].clamp(*LOG_VARIANCE)


def stack(sizes: Sequence[int], activation: Activation) -> nn.Sequential:
    """Linear layers from each size to the next, (n, sizes[0]) -> (n, sizes[-1]), the activation between them."""
    layers: list[nn.Module] = []
    for before, after in pairwise(sizes):
        layers += [ACTIVATIONS[activation](), nn.Linear(before, after)]
    return nn.Sequential(*layers[1:])


def encoder(form: Mlp, pixels: int) -> nn.Module:
    """x (n, pixels) -> mean and log variance, each (n, 2)."""
    return Posterior(stack((pixels, *form.widths, 4), form.activation))


def decoder(form: Mlp, pixels: int) -> nn.Module:
    """z (n, 2) -> logits (n, pixels)."""
    return stack((2, *reversed(form.widths), pixels), form.activation)
