"""Warnings about a user's images, which are shown before a training."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.latent.datasets.data_set import Images
from engine.latent.datasets.own_files import AT_ONCE, Files, Loaded

HALF = 127.5  # the default threshold between paper and ink
FEW = 0.05  # fraction of images that may be darker than HALF without a warning
INVERTED = 0.6  # fraction of ink pixels above which ink and paper are probably interchanged


def remarks_on(source: Files, loaded: Loaded) -> tuple[str, ...]:
    """Return sentences about the images of a source, the most important first."""
    tops = np.concatenate([_tops(loaded.train), _tops(loaded.test)])
    warnings = [_same(loaded), _dark(tops, source.light), "" if source.light else _inverted(loaded.train)]
    return (*(sentence for sentence in warnings if sentence), *loaded.remarks)


def _tops(images: Images) -> NDArray[np.uint8]:
    """Return the largest value of each image, (n,)."""
    chunk = max(1, AT_ONCE // images.pixels[0].nbytes)
    pixels = images.pixels.reshape(len(images), -1)
    return np.concatenate([pixels[i : i + chunk].max(1) for i in range(0, len(images), chunk)])


def _same(loaded: Loaded) -> str:
    first = loaded.train.pixels[0]
    if all(bool((images.pixels == first).all()) for images in (loaded.train, loaded.test)):
        return "All images are equal. A model cannot learn anything from them."
    return ""


def _dark(tops: NDArray[np.uint8], light: bool) -> str:
    """Return a warning about images without a value above the middle of the range, or ""."""
    dark, n, top = int((tops <= HALF).sum()), len(tops), int(tops.max())
    noun = "light" if light else "ink"
    if not top:
        return ""  # stretching cannot help; all images are equal, which is a warning of its own
    if dark == n:
        return f"The largest value is {top} of 255, so that no pixel counts as {noun}. Choose “Stretch”."
    if dark > FEW * n:
        return f"{dark:,} of {n:,} images have no pixel above {HALF} of 255 and are nearly black. Choose “Stretch”."
    return ""


def _inverted(images: Images) -> str:
    """Return a warning about ink that covers most of the paper, or ""."""
    sample = images.pixels[:: max(1, len(images) // 1000)]
    fraction = float((sample > HALF).mean())
    if fraction <= INVERTED:
        return ""
    return f"{100 * fraction:.0f} % of all pixels are ink. If they are paper, choose the other kind of ink."
