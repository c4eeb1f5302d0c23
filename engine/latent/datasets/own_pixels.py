"""The preparation of the user's pixels: orientation, stretching, light or ink, and the division into two sets."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from engine.latent.datasets.data_set import Images
from engine.latent.datasets.own_files import AT_ONCE, Loaded, Pixels, Turn, Values
from engine.latent.one_copy import one_copy

HELD_OUT = 10  # one of 10 images is a test image, if the files do not define the test images
SEED = 20_260_101  # of the random choice of the test images, so that it is always the same


def as_ink(pixels: Pixels, values: Values) -> None:
    """Convert pixels (n, h, w[, 3]), in place, to light or ink from 0 to 255, as `values` states.

    If no value exceeds 1, the values 0 and 1 are taken as 0 and 255.
    """
    if pixels.max(initial=0) <= 1:
        pixels *= 255
    if values == "black ink on white" and pixels.ndim == 3:
        np.subtract(255, pixels, out=pixels)


def stretched(pixels: Pixels) -> Pixels:
    """Scale the values, in place, so that the largest is 255, and return the array; zeros are left unchanged."""
    top = int(pixels.max(initial=0))
    if 0 < top < 255:
        table = np.minimum(np.rint(np.arange(256) * (255 / top)), 255).astype(np.uint8)
        for block in _blocks(pixels):
            block[:] = table[block]
    return pixels


def turned(pixels: Pixels, turn: Turn) -> Pixels:
    """Return images (n, h, w[, 3]) in another orientation, in the same memory if height and width are equal."""
    if turn == "as they are":
        return pixels
    if pixels.shape[1] != pixels.shape[2]:
        return np.ascontiguousarray(_view(pixels, turn))
    for block in _blocks(pixels):
        block[:] = _view(block, turn).copy()
    return pixels


def turned_shape(shape: tuple[int, ...], turn: Turn) -> tuple[int, ...]:
    """Return the shape (h, w[, 3]) of an image in another orientation."""
    h, w, *channels = shape
    return (w, h, *channels) if turn in ("transposed", "turned left", "turned right") else shape


def _view(pixels: Pixels, turn: Turn) -> Pixels:
    quarters = {"turned left": 1, "turned by 180°": 2, "turned right": 3}
    if turn in quarters:
        return np.rot90(pixels, quarters[turn], axes=(1, 2))
    return pixels.swapaxes(1, 2) if turn == "transposed" else pixels[:, :, ::-1]


def _blocks(pixels: Pixels) -> Iterator[Pixels]:
    """Iterate over views of the images, each of at most AT_ONCE bytes or one image."""
    chunk = max(1, AT_ONCE // max(1, pixels[0].nbytes)) if len(pixels) else 1
    for i in range(0, len(pixels), chunk):
        yield pixels[i : i + chunk]


def whole(pixels: Pixels, labels: NDArray[np.uint8], classes: tuple[str, ...]) -> Images:
    """Return Images whose arrays are read-only: pixels (n, h, w[, 3]) and labels (n,)."""
    pixels.setflags(write=False)
    labels.setflags(write=False)
    return Images(pixels, labels, classes)


def divided(pixels: Pixels, labels: NDArray[np.uint8], classes: tuple[str, ...]) -> Loaded:
    """Divide images (n, h, w[, 3]) and labels (n,) at random: a tenth, at least one, are test images.

    The choice is always the same. Both sets share the memory of `pixels`; the test images are moved to its end.
    """
    n = len(pixels)
    held = np.random.default_rng(SEED).permutation(n)[: max(1, n // HELD_OUT)]
    rest, first = np.setdiff1d(np.arange(n), held), n - len(held)
    test_pixels = pixels[held]
    chunk = max(1, AT_ONCE // pixels[0].nbytes)
    for i in range(0, first, chunk):
        pixels[i : min(i + chunk, first)] = pixels[rest[i : i + chunk]]
    pixels[first:] = test_pixels
    pixels = one_copy(pixels)
    labels = labels[np.concatenate([rest, held])]
    return Loaded(whole(pixels[:first], labels[:first], classes), whole(pixels[first:], labels[first:], classes))


def parted(pixels: Pixels, labels: NDArray[np.uint8], classes: tuple[str, ...], is_test: NDArray[np.bool_]) -> Loaded:
    """Divide images (n, h, w[, 3]) and labels (n,) by `is_test` (n,); both sets keep their order."""
    both = [whole(one_copy(pixels[chosen]), labels[chosen], classes) for chosen in (~is_test, is_test)]
    return Loaded(both[0], both[1])
