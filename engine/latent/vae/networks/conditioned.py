"""Networks that are given the class y of each image: q_φ(z|x, y) and p_θ(x|z, y), the conditional VAE.

The class is one more input of the first layer of the encoder and of the decoder, as a vector with one 1 (Kingma et al.
2014, “Semi-supervised learning with deep generative models”, section 2; Sohn et al. 2015). A layer W x + b that also
receives this vector is W x + b + V y, so the class only shifts its output by a column of V. For one class the networks
are therefore ordinary networks with another shift, and everything that a plain VAE can compute works with them.
"""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn

from engine.latent.vae.networks.networks import Networks


class Conditioned(Networks):
    """The encoder and the decoder of an architecture, and the weights of `classes` more inputs of each.

    The new weights, (classes, units of the first layer), are 0 at first, so that the class then has no influence.
    """

    def __init__(self, networks: Networks, classes: int) -> None:
        super().__init__(networks.encoder, networks.decoder)
        self.encoder_classes, self.decoder_classes = (
            nn.Parameter(torch.zeros(classes, _units(_first(half)[1]))) for half in (self.encoder, self.decoder)
        )

    @property
    def classes(self) -> int:
        return len(self.encoder_classes)

    def given(self, y: int | Tensor) -> Networks:
        """Return the networks for the class y, or for one class of each image, y (n,). They share the weights."""
        return GivenClass(self, y)


class GivenClass(Networks):
    """The networks of `family` for one class, or for one class of each image."""

    family: Conditioned

    def __init__(self, family: Conditioned, y: int | Tensor) -> None:
        encoder = _shifted(family.encoder, family.encoder_classes[y])
        super().__init__(encoder, _shifted(family.decoder, family.decoder_classes[y]))
        object.__setattr__(self, "family", family)  # torch would count the weights of a submodule twice
        self.likelihood, self.log_sigma = family.likelihood, family.log_sigma

    @property
    def classes(self) -> int:
        return self.family.classes

    def given(self, y: int | Tensor) -> Networks:
        return self.family.given(y)


class Shifted(nn.Module):
    """A layer whose output (n, units) or (n, units, h, w) is shifted by `shift`, (units,) or (n, units)."""

    def __init__(self, layer: nn.Module, shift: Tensor) -> None:
        super().__init__()
        self.layer = layer
        self.shift = shift

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.layer(x)
        shift = self.shift.reshape(-1, out.shape[1], *(1,) * (out.ndim - 2))
        return out + shift.to(out.dtype)


def _first(module: nn.Module) -> tuple[str, nn.Module]:
    """Return the name and the first layer with weights of an encoder or a decoder."""
    return next((name, layer) for name, layer in module.named_modules() if isinstance(layer, nn.Linear | nn.Conv2d))


def _units(layer: nn.Module) -> int:
    assert isinstance(layer, nn.Linear | nn.Conv2d)
    return layer.out_features if isinstance(layer, nn.Linear) else layer.out_channels


def _shifted(module: nn.Module, shift: Tensor) -> nn.Module:
    """Return a module that shares all weights with `module`, with the output of its first layer shifted."""
    name, layer = _first(module)
    return _with(module, name, Shifted(layer, shift)) if name else Shifted(layer, shift)


def _with(module: nn.Module, name: str, layer: nn.Module) -> nn.Module:
    """Return a copy of the module, which shares its weights, with another layer of that name."""
    child, _, rest = name.partition(".")
    twin = copy.copy(module)
    twin._modules = dict(module._modules)
    inner = module._modules[child]
    assert inner is not None
    twin._modules[child] = _with(inner, rest, layer) if rest else layer
    return twin
