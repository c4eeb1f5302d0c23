"""Sliced networks: a model with more than two latents as a model over one plane of its latent space.

The decoder is that of the whole model at z = origin + coordinates @ axes. The encoder gives the mean and the standard
deviation of q along both axes. If the axes are latents, this q is the conditional of the encoder's q given the others.
"""

from __future__ import annotations

from copy import copy

import torch
from msgspec.structs import replace
from torch import Tensor, nn

from engine.latent.slice import Plane
from engine.latent.vae.networks.coordinates import CoordinateDecoder
from engine.latent.vae.networks.networks import Networks
from engine.latent.vae.networks.vae import VAE


class Onto(nn.Module):
    """Coordinates (n, 2) on a plane -> latents (n, d)."""

    def __init__(self, plane: Plane) -> None:
        super().__init__()
        self.origin: Tensor
        self.axes: Tensor
        self.register_buffer("origin", torch.tensor(plane.origin, dtype=torch.double))
        self.register_buffer("axes", torch.tensor(plane.axes, dtype=torch.double))

    def forward(self, places: Tensor) -> Tensor:
        return self.origin.to(places.dtype) + places @ self.axes.to(places.dtype)


class SlicedEncoder(nn.Module):
    """x (n, pixels) -> mean and log variance, each (n, 2), of q along the two axes of a plane."""

    def __init__(self, encoder: nn.Module, onto: Onto) -> None:
        super().__init__()
        self.encoder, self.onto = encoder, onto

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        mean, log_variance = self.encoder(x)
        axes = self.onto.axes.to(mean.dtype)
        return mean @ axes.T, torch.log(torch.exp(log_variance) @ axes.T**2)


def sliced(vae: VAE, plane: Plane) -> VAE:
    """Return the model over the coordinates (n, 2) of a plane of its latent space; it shares the weights."""
    whole, onto = vae.networks, Onto(plane)
    networks = Networks(SlicedEncoder(whole.encoder, onto), _decoder(whole.decoder, onto))
    networks.likelihood, networks.log_sigma = whole.likelihood, whole.log_sigma
    return replace(vae, networks=networks.eval())


def _decoder(decoder: nn.Module, onto: Onto) -> nn.Module:
    """Return the decoder of coordinates; one that decodes single positions keeps this ability."""
    if not isinstance(decoder, CoordinateDecoder):
        return nn.Sequential(onto, decoder)
    over = copy(decoder)  # shares the layers
    over._modules = {**decoder._modules, "code": nn.Sequential(onto, decoder.code)}
    return over
