"""Remarks: what is to be said of images before somebody trains on them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.latent.datasets.data_set import Images
from engine.latent.datasets.own_files import AT_ONCE, Files, Loaded

HALF = 127.5  # the threshold between paper and ink that a recipe begins with
FEW = 0.05  # of all images, that may be darker than it without a word
INVERTED = 0.6  # of all pixels, that are ink only if ink and paper are taken for each other


def remarks_on(source: Files, loaded: Loaded) -> tuple[str, ...]:
    """Sentences about the images of a source, the most important first."""
    tops = np.concatenate([_tops(loaded.train), _tops(loaded.test)])
    said = [_same(loaded), _dark(tops, source.light), "" if source.light else _inverted(loaded.train)]
    return (*(sentence for sentence in said if sentence), *loaded.remarks)


def _tops(images: Images) -> NDArray[np.uint8]:
    """The largest value of each image, (n,)."""
    chunk = max(1, AT_ONCE // images.pixels[0].nbytes)
    pixels = images.pixels.reshape(len(images), -1)
    return np.concatenate([pixels[i : i + chunk].max(1) for i in range(0, len(images), chunk)])


def _same(loaded: Loaded) -> str:
    first = loaded.train.pixels[0]
    if all(bool((images.pixels == first).all()) for images in (loaded.train, loaded.test)):
        return "All images are the same: there is nothing to learn."
    return ""


def _dark(tops: NDArray[np.uint8], light: bool) -> str:
    """What is said of images whose values do not reach the middle of the scale."""
    dark, n, top = int((tops <= HALF).sum()), len(tops), int(tops.max())
    noun = "light" if light else "ink"
    if dark == n:
        return f"The largest value is {top} of 255, so that no pixel counts as {noun}: stretch the values."
    if dark > FEW * n:
        return f"{dark:,} of {n:,} images have no pixel above {HALF} of 255 and are nearly black: stretch the values."
    return ""


def _inverted(images: Images) -> str:
    """What is said of ink that covers most of the paper."""
    sample = images.pixels[:: max(1, len(images) // 1000)]
    share = float((sample > HALF).mean())
    if share <= INVERTED:
        return ""
    return f"{100 * share:.0f} % of all pixels are ink: choose the other of the two kinds of ink if paper is meant."
