"""The discriminator D of a GAN: three convolutions and a linear layer."""

from __future__ import annotations

import math

import torch.nn.functional as F
from torch import Tensor, nn

from engine.latent.vae.networks.networks import colours

SLOPE = 0.2  # of the leaky ReLU for negative inputs


class Discriminator(nn.Module):
    """D: images x (n, pixels) from 0 to 1 -> logits (n,); large values mean that D takes an image for a real one.

    The strides of 2 halve the sides of the image three times, and the number of filters doubles.
    """

    def __init__(self, shape: tuple[int, ...], channels: int) -> None:
        super().__init__()
        self.height, self.width = shape[:2]
        self.colours = colours(shape)
        sizes = (self.colours, channels, 2 * channels, 4 * channels)
        self.filters = nn.ModuleList(nn.Conv2d(sizes[i], sizes[i + 1], 3, stride=2, padding=1) for i in range(3))
        self.out = nn.Linear(sizes[-1] * math.prod(math.ceil(side / 8) for side in shape[:2]), 1)

    def forward(self, x: Tensor) -> Tensor:
        h = x.reshape(len(x), self.height, self.width, self.colours).permute(0, 3, 1, 2)
        for layer in self.filters:
            h = F.leaky_relu(layer(h), SLOPE)
        logits: Tensor = self.out(h.flatten(1))
        return logits[:, 0]
