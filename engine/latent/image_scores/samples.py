"""The latents and the images that are scored; the same ones in each call."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.gaussian import Array


def latents(count: int, seed: int = 0) -> Array:
    """Return latents (count, 2) from N(0, I); the first ones do not depend on the count."""
    return np.random.default_rng((seed, 7)).standard_normal((count, 2))


def evenly(pixels: NDArray[np.uint8], count: int) -> NDArray[np.float32]:
    """Return at most `count` of the images, evenly spaced, with values from 0 to 1."""
    chosen = np.unique(np.linspace(0, len(pixels) - 1, min(count, len(pixels))).astype(int))
    images: NDArray[np.float32] = pixels[chosen] / np.float32(255)
    return images
