"""Soundness: whether a model that somebody else made fits its card and computes numbers."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from engine.latent.datasets.data_set import DataSet
from engine.latent.datasets.folder import Folder
from engine.latent.datasets.own_files import Files
from engine.latent.vae.networks.likelihood_densities import shown, targets
from engine.latent.vae.networks.networks import Networks
from engine.latent.vae.recipe import Card

FLOATS = (torch.float16, torch.bfloat16, torch.float32, torch.float64)
REACH = (0.0, 3.0, 10.0)  # of z on each axis, where a model is tried
ENCODED = (0, 100, 255)  # grey values of images that are tried


def check_card(name: str, card: Card) -> None:
    """Raise ValueError, in one sentence, if a card does not fit its data set."""
    expected = _shape_of(card.recipe.data)
    if expected is not None and expected != card.shape:
        shapes = ["×".join(map(str, shape)) for shape in (card.shape, expected)]
        raise ValueError(
            f"{name} is for images of {shapes[0]} pixels, but the images it was trained on have {shapes[1]}."
        )


def fill(name: str, networks: Networks, tensors: dict[str, Tensor]) -> None:
    """Put the tensors of a file into networks. Raises ValueError, in one sentence, if they are not theirs."""
    weights = networks.state_dict()
    if set(weights) != set(tensors):
        raise ValueError(f"{name} holds other layers than its architecture has.")
    for layer, weight in weights.items():
        given = tensors[layer]
        if given.shape != weight.shape or given.dtype not in FLOATS:
            shapes = f"{tuple(given.shape)} instead of {tuple(weight.shape)}"
            kind = "" if given.dtype in FLOATS else ", and as numbers of a kind that is not used"
            raise ValueError(f"{name} holds {layer} in the shape {shapes}{kind}.")
        weights[layer] = given.float()  # what is finite in double precision need not be in single precision
        if not bool(torch.isfinite(weights[layer]).all()):
            raise ValueError(f"{name} holds numbers in {layer} that are not finite.")
    networks.load_state_dict(weights)


def check_networks(name: str, networks: Networks, card: Card) -> None:
    """Raise ValueError, in one sentence, unless the networks encode and decode to finite numbers."""
    signed = sorted({*REACH, *(-reach for reach in REACH)})
    z = torch.cartesian_prod(torch.tensor(signed), torch.tensor(signed))
    pixels = torch.stack([torch.full(card.shape, value, dtype=torch.uint8) for value in ENCODED])
    with torch.inference_mode():
        decoded = shown(networks.likelihood, networks.decoder(z))
        mean, log_variance = networks.encoder(targets(card.recipe.likelihood, pixels))
        found = [decoded, mean, torch.exp(log_variance / 2)]
    if decoded.numel() != len(z) * math.prod(card.shape) or not all(bool(t.isfinite().all()) for t in found):
        raise ValueError(f"{name} computes values that are no finite numbers: its weights are not those of a model.")


def _shape_of(data: DataSet) -> tuple[int, ...] | None:
    """The shape of the images of a data set; None if a file of the user has to be opened to know it."""
    return None if isinstance(data, Files) and not isinstance(data, Folder) else data.image_shape
