"""Fresh networks of any architecture."""

from __future__ import annotations

import math
from importlib import import_module

import torch
from torch import nn

from engine.latent.vae.architectures.architecture import Architecture
from engine.latent.vae.likelihoods import Gaussian, Likelihood
from engine.latent.vae.networks.likelihood_densities import START
from engine.latent.vae.networks.networks import Networks

MOST = 60_000_000  # weights: all that it takes to go on is then a file of 960 MB


def build(architecture: Architecture, shape: tuple[int, ...]) -> Networks:
    """Fresh networks for images of a shape, (h, w) or (h, w, 3), their weights drawn from torch's global generator.

    The module of the same name as the architecture's, in the package of this module, makes them.
    """
    name = type(architecture).__module__.rpartition(".")[2]
    networks: Networks = import_module(f"{__package__}.{name}").build(architecture, shape)
    return networks


def networks_for(architecture: Architecture, likelihood: Likelihood, shape: tuple[int, ...]) -> Networks:
    """Fresh networks that score images of a shape by a likelihood.

    Raises ValueError, in one sentence, for more than MOST weights.
    """
    with torch.device("meta"):
        weights = sum(weight.numel() for weight in build(architecture, shape).parameters())
    if weights > MOST:
        raise ValueError(
            f"These networks would have {weights / 1e6:,.0f} million weights; {MOST // 10**6} million are the most. "
            "Choose fewer or narrower layers, or smaller images."
        )
    networks = build(architecture, shape)
    networks.likelihood = likelihood
    if isinstance(likelihood, Gaussian):
        networks.log_sigma = nn.Parameter(torch.full((math.prod(shape),), START))
    return networks
