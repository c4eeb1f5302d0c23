"""The construction of new networks from an architecture, a likelihood and the shape of the images."""

from __future__ import annotations

import math
from importlib import import_module

import torch
from torch import nn

from engine.latent.vae.architectures.architecture import Architecture
from engine.latent.vae.likelihoods import Gaussian, Likelihood
from engine.latent.vae.networks.conditioned import Conditioned
from engine.latent.vae.networks.likelihood_densities import START
from engine.latent.vae.networks.networks import Networks

MOST = 60_000_000  # weights; the file of the training state then has 960 MB


def build(architecture: Architecture, shape: tuple[int, ...], latents: int = 2) -> Networks:
    """Return new networks for images (h, w) or (h, w, 3), with z of d = `latents` dimensions.

    torch's global generator draws their weights. The function `build` of the module with the architecture's name, in
    this package, creates them.
    """
    name = type(architecture).__module__.rpartition(".")[2]
    networks: Networks = import_module(f"{__package__}.{name}").build(architecture, shape, latents)
    networks.latents = latents
    return networks


def networks_for(
    architecture: Architecture, likelihood: Likelihood, shape: tuple[int, ...], latents: int = 2, classes: int = 0
) -> Networks:
    """Return new networks with a likelihood, for images (h, w) or (h, w, 3) and z of d = `latents` dimensions.

    With `classes` > 0 they are given the class of each image. Raises ValueError for more than MOST weights.
    """
    with torch.device("meta"):
        weights = sum(weight.numel() for weight in build(architecture, shape, latents).parameters())
    if weights > MOST:
        raise ValueError(
            f"These networks would have {weights / 1e6:,.0f} million weights. The limit is {MOST // 10**6} million. "
            "Choose fewer or narrower layers, or smaller images."
        )
    networks = build(architecture, shape, latents)
    if classes:
        networks = Conditioned(networks, classes)
    networks.likelihood = likelihood
    if isinstance(likelihood, Gaussian):
        networks.log_sigma = nn.Parameter(torch.full((math.prod(shape),), START))
    return networks
