"""A trained GAN with NumPy arrays as inputs and outputs, and its file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import msgspec
import numpy as np
import torch
from msgspec import Meta
from numpy.typing import ArrayLike, NDArray

from engine.files import quoted
from engine.gaussian import Array
from engine.json_errors import reason
from engine.latent.vae.gan.adversaries import Adversaries
from engine.latent.vae.networks.checkpoint import read_tensors, write_tensors
from engine.latent.vae.networks.soundness import fill
from engine.latent.vae.networks.vae import CHUNK
from engine.latent.vae.recipe import Count, Line, Recipe, Side
from engine.part import decode_hook, encode_hook

REACH = (-10.0, -3.0, 0.0, 3.0, 10.0)  # values of z on each axis at which a GAN from a file is tested


class Card(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The description of a trained GAN in its file. A GAN has no ELBO."""

    name: Line
    recipe: Recipe
    shape: Annotated[tuple[Side, ...], Meta(min_length=2, max_length=3)]  # of an image: (h, w) or (h, w, 3)
    step: Count
    licence: Line
    attribution: Line
    seconds: Annotated[float, Meta(ge=0, le=1e12)]
    made_with: Annotated[str, Meta(max_length=10_000)]


class Gan(msgspec.Struct, frozen=True, eq=False):
    """A trained GAN with NumPy arrays as inputs and outputs; one thread at a time may call it."""

    card: Card
    networks: Adversaries

    @property
    def image_shape(self) -> tuple[int, ...]:
        """The shape of an image in pixels, (h, w) or (h, w, 3)."""
        return self.card.shape

    @property
    def light(self) -> bool:
        """Whether pixels are light (0 is black) instead of ink (0 is paper)."""
        return len(self.card.shape) == 3 or self.card.recipe.data.light

    def decode(self, z: ArrayLike) -> NDArray[np.float32]:
        """Return the images G(z), (n, h, w[, 3]) in [0, 1], at latents z (n, 2)."""
        latents = torch.from_numpy(np.array(z, np.float32).reshape(-1, 2))
        with torch.inference_mode():
            parts = [self.networks.images(part) for part in torch.split(latents, CHUNK)]
        return torch.cat(parts).reshape(len(latents), *self.image_shape).numpy()

    def judge(self, images: NDArray[Any]) -> Array:
        """Return the logits (n,) of D for images (n, h, w[, 3]) in [0, 1]."""
        x = torch.from_numpy(np.array(images, np.float32)).reshape(len(images), -1)
        with torch.inference_mode():
            parts = [self.networks.discriminator(part) for part in torch.split(x, 4 * CHUNK)]
        return torch.cat(parts).double().numpy()


def save_gan(path: Path, networks: Adversaries, card: Card) -> None:
    """Write a GAN in half precision; the file is complete or not written. Raises OSError."""
    tensors = {name: weight.detach().half().contiguous() for name, weight in networks.state_dict().items()}
    write_tensors(path, "gan", msgspec.json.encode(card, enc_hook=encode_hook).decode(), tensors)


def load_gan(path: Path) -> Gan:
    """Load a GAN. Raises ValueError, in one sentence, if the file is not valid."""
    text, tensors = read_tensors(path, "gan")
    name = quoted(path.name)
    try:
        card = msgspec.json.decode(text, type=Card, dec_hook=decode_hook)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise ValueError(f"{name} has a description that this version cannot read: {reason(error)}.") from error
    networks = Adversaries(card.recipe, card.shape).eval()
    fill(name, networks, tensors)
    gan = Gan(card, networks)
    decoded = gan.decode([(across, up) for across in REACH for up in REACH])
    if not np.isfinite(decoded).all() or not np.isfinite(gan.judge(decoded)).all():
        raise ValueError(f"{name} computes values that are not finite: its weights are not valid.")
    return gan
