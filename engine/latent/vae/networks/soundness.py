"""Checks of a model from a file: its tensors must fit its card, and it must compute finite numbers."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from engine.latent.datasets.data_set import DataSet
from engine.latent.datasets.folder import Folder
from engine.latent.datasets.own_files import Files
from engine.latent.vae.networks.likelihood_densities import shown, targets
from engine.latent.vae.networks.networks import Networks
from engine.latent.vae.recipe import Card

FLOATS = (torch.float16, torch.bfloat16, torch.float32, torch.float64)
REACH = (0.0, 3.0, 10.0)  # values of ±z on each axis at which a model is tested
ENCODED = (0, 100, 255)  # grey values of the uniform images with which a model is tested


def check_card(name: str, card: Card) -> None:
    """Raise ValueError, in one sentence, if the shape in a card is not the shape of its data set's images."""
    expected = _shape_of(card.recipe.data)
    if expected is not None and expected != card.shape:
        shapes = ["×".join(map(str, shape)) for shape in (card.shape, expected)]
        raise ValueError(
            f"{name} is a model of images with {shapes[0]} pixels, but its data set has images with {shapes[1]} pixels."
        )


def fill(name: str, networks: nn.Module, tensors: dict[str, Tensor]) -> None:
    """Load the tensors of a file into networks. Raises ValueError, in one sentence, if the tensors do not fit."""
    weights = networks.state_dict()
    if set(weights) != set(tensors):
        raise ValueError(f"{name} does not contain the layers of its architecture.")
    for layer, weight in weights.items():
        given = tensors[layer]
        if given.shape != weight.shape or given.dtype not in FLOATS:
            shapes = f"{tuple(given.shape)} instead of {tuple(weight.shape)}"
            kind = "" if given.dtype in FLOATS else ", and in an unsupported number format"
            raise ValueError(f"{name} contains {layer} in the shape {shapes}{kind}.")
        weights[layer] = given.float()  # a finite number in double precision can be infinite in single precision
        if not bool(torch.isfinite(weights[layer]).all()):
            raise ValueError(f"{name} contains numbers in {layer} that are not finite.")
    networks.load_state_dict(weights)


def check_networks(name: str, networks: Networks, card: Card) -> None:
    """Raise ValueError, in one sentence, unless the networks encode and decode test inputs to finite numbers."""
    signed = sorted({*REACH, *(-reach for reach in REACH)})
    z = _probes(torch.tensor(signed), networks.latents)
    pixels = torch.stack([torch.full(card.shape, value, dtype=torch.uint8) for value in ENCODED])
    with torch.inference_mode():
        x = targets(card.recipe.likelihood, pixels)
        checked = [_outputs(networks.given(y), x, z) for y in range(max(1, networks.classes))]
    right = all(outputs[0].numel() == len(z) * math.prod(card.shape) for outputs in checked)
    if not right or not all(bool(values.isfinite().all()) for outputs in checked for values in outputs):
        raise ValueError(f"{name} computes values that are not finite: its weights are not valid.")


def _outputs(networks: Networks, x: Tensor, z: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    mean, log_variance = networks.encoder(x)
    return shown(networks.likelihood, networks.decoder(z)), mean, torch.exp(log_variance / 2)


def _probes(values: Tensor, latents: int) -> Tensor:
    """Return test latents (n, d): all combinations of the values on each two neighbouring axes, 0 on the others."""
    pairs = torch.cartesian_prod(values, values)
    z = torch.zeros(latents - 1, len(pairs), latents)
    for first in range(latents - 1):
        z[first, :, first : first + 2] = pairs
    return z.flatten(0, 1)


def _shape_of(data: DataSet) -> tuple[int, ...] | None:
    """Return the shape of a data set's images; None if a file of the user would have to be opened for it."""
    return None if isinstance(data, Files) and not isinstance(data, Folder) else data.image_shape
