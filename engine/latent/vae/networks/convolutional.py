"""Convolutional networks, for images of any size with one or three colour channels."""

from __future__ import annotations

from itertools import pairwise

from torch import Tensor, nn

from engine.latent.vae.architectures.convolutional import Convolutional
from engine.latent.vae.networks.networks import Networks, Posterior, colours


def build(form: Convolutional, shape: tuple[int, ...], latents: int) -> Networks:
    """Return new networks for images (h, w) or (h, w, 3) and d = `latents`."""
    return Networks(encoder(form, shape, latents), decoder(form, shape, latents))


def encoder(form: Convolutional, shape: tuple[int, ...], latents: int) -> nn.Module:
    """Return the encoder: x (n, pixels) of images (h, w) or (h, w, 3) -> mean and log variance, each (n, d)."""
    h, w = _sizes(shape, len(form.channels))[-1]
    layers: list[nn.Module] = [Planes(shape)]
    for before, after in pairwise((colours(shape), *form.channels)):
        layers += [nn.Conv2d(before, after, 3, stride=2, padding=1), nn.ReLU()]
    flat = h * w * form.channels[-1]
    layers += [nn.Flatten(), nn.Linear(flat, form.width), nn.ReLU(), nn.Linear(form.width, 2 * latents)]
    return Posterior(nn.Sequential(*layers))


def decoder(form: Convolutional, shape: tuple[int, ...], latents: int) -> nn.Module:
    """Return the decoder: z (n, d) -> logits (n, pixels) of images (h, w) or (h, w, 3)."""
    *larger, (h, w) = _sizes(shape, len(form.channels))
    channels = (*reversed(form.channels), colours(shape))
    flat = h * w * channels[0]
    layers: list[nn.Module] = [nn.Linear(latents, form.width), nn.ReLU(), nn.Linear(form.width, flat)]
    layers += [nn.Unflatten(1, (channels[0], h, w))]
    for (before, after), size in zip(pairwise(channels), reversed(larger), strict=True):
        layers += [nn.ReLU(), Doubling(before, after, size)]
    return nn.Sequential(*layers, Pixels())


class Planes(nn.Module):
    """Pixels in the order of an image (n, h·w·colours) -> one plane for each colour (n, colours, h, w)."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        super().__init__()
        self.shape = (*shape[:2], colours(shape))

    def forward(self, x: Tensor) -> Tensor:
        return x.reshape(-1, *self.shape).permute(0, 3, 1, 2)


class Pixels(nn.Module):
    """The inverse of Planes, (n, colours, h, w) -> (n, h·w·colours)."""

    def forward(self, planes: Tensor) -> Tensor:
        return planes.permute(0, 2, 3, 1).flatten(1)


class Doubling(nn.Module):
    """(n, before, ⌈h/2⌉, ⌈w/2⌉) -> (n, after, h, w) with filters of 4×4, because 3×3 leaves a checkerboard pattern."""

    def __init__(self, before: int, after: int, size: tuple[int, int]) -> None:
        super().__init__()
        self.size = size
        self.filters = nn.ConvTranspose2d(before, after, 4, stride=2, padding=1)

    def forward(self, planes: Tensor) -> Tensor:
        h, w = self.size
        doubled: Tensor = self.filters(planes)
        return doubled[:, :, :h, :w]


def _sizes(shape: tuple[int, ...], layers: int) -> list[tuple[int, int]]:
    """Return height and width of an image and after each layer; each layer halves them and rounds up."""
    return [(-(-shape[0] // 2**k), -(-shape[1] // 2**k)) for k in range(layers + 1)]
