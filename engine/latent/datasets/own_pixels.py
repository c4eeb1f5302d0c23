"""Own pixels: how the bytes of the user's images are turned, stretched, made ink, and divided into two parts."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from engine.latent.datasets.data_set import Images
from engine.latent.datasets.own_files import AT_ONCE, Loaded, Pixels, Turn, Values

HELD_OUT = 10  # one in so many images, where the files do not say which
SEED = 20_260_101  # decides which: always the same


def as_ink(pixels: Pixels, values: Values) -> None:
    """Turn pixels, in place, into what `values` says of them: light, or ink where the paper is white or black.

    Images that know only 0 and 1 are taken to mean 0 and 255.
    """
    if pixels.max(initial=0) <= 1:
        pixels *= 255
    if values == "black ink on white" and pixels.ndim == 3:
        np.subtract(255, pixels, out=pixels)


def stretched(pixels: Pixels) -> Pixels:
    """The same array, its values multiplied so that the largest is 255; unchanged if all are 0."""
    top = int(pixels.max(initial=0))
    if 0 < top < 255:
        table = np.minimum(np.rint(np.arange(256) * (255 / top)), 255).astype(np.uint8)
        for block in _blocks(pixels):
            block[:] = table[block]
    return pixels


def turned(pixels: Pixels, turn: Turn) -> Pixels:
    """Images (n, h, w[, 3]) in another orientation, in the same memory if their shape stays."""
    if turn == "as they are":
        return pixels
    if pixels.shape[1] != pixels.shape[2]:
        return np.ascontiguousarray(_view(pixels, turn))
    for block in _blocks(pixels):
        block[:] = _view(block, turn).copy()
    return pixels


def turned_shape(shape: tuple[int, ...], turn: Turn) -> tuple[int, ...]:
    """The shape (h, w[, 3]) of an image in another orientation."""
    h, w, *channels = shape
    return (w, h, *channels) if turn in ("transposed", "turned left", "turned right") else shape


def _view(pixels: Pixels, turn: Turn) -> Pixels:
    quarters = {"turned left": 1, "turned by 180°": 2, "turned right": 3}
    if turn in quarters:
        return np.rot90(pixels, quarters[turn], axes=(1, 2))
    return pixels.swapaxes(1, 2) if turn == "transposed" else pixels[:, :, ::-1]


def _blocks(pixels: Pixels) -> Iterator[Pixels]:
    """Views of so many images at a time as fit into AT_ONCE bytes."""
    chunk = max(1, AT_ONCE // max(1, pixels[0].nbytes)) if len(pixels) else 1
    for i in range(0, len(pixels), chunk):
        yield pixels[i : i + chunk]


def whole(pixels: Pixels, labels: NDArray[np.uint8], classes: tuple[str, ...]) -> Images:
    """Images that can be read only."""
    pixels.setflags(write=False)
    labels.setflags(write=False)
    return Images(pixels, labels, classes)


def divided(pixels: Pixels, labels: NDArray[np.uint8], classes: tuple[str, ...]) -> Loaded:
    """Training images, and a random tenth of all, at least one, held out: always the same ones.

    Both share the memory of `pixels`, in which the training images move up.
    """
    n = len(pixels)
    held = np.random.default_rng(SEED).permutation(n)[: max(1, n // HELD_OUT)]
    rest, first = np.setdiff1d(np.arange(n), held), n - len(held)
    test_pixels = pixels[held]
    chunk = max(1, AT_ONCE // pixels[0].nbytes)
    for i in range(0, first, chunk):
        pixels[i : min(i + chunk, first)] = pixels[rest[i : i + chunk]]
    pixels[first:] = test_pixels
    labels = labels[np.concatenate([rest, held])]
    return Loaded(whole(pixels[:first], labels[:first], classes), whole(pixels[first:], labels[first:], classes))


def parted(pixels: Pixels, labels: NDArray[np.uint8], classes: tuple[str, ...], is_test: NDArray[np.bool_]) -> Loaded:
    """Training images and test images, of which `is_test` (n,) says which is which; both in their order."""
    both = [whole(pixels[chosen], labels[chosen], classes) for chosen in (~is_test, is_test)]
    return Loaded(both[0], both[1])
