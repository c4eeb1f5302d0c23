"""The ground of a picture: paper in uneven light, estimated so that only ink remains when it is divided out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.float32]
WIDEST = 0.35  # of the picture's shorter side: wider strokes would be taken for ground
DARKEST = 0.02  # of white: below this the brightness of a ground says nothing
FLARE = 0.05  # of white, that a dark ground reflects besides its own brightness
BAND = 4  # pixels along an edge, over which its slope is measured
NOISE, SURE = 0.15, 0.5  # of the strongest ink: less is grain, and every patch of ink has as much somewhere
EXTREME = 0.5  # per cent of all pixels that are left out at both ends


def has_light_ground(grey: Pixels) -> bool:
    """Whether a picture (h, w) of 0–1 is dark ink on light paper, judged by what differs from its edges.

    The light along the edges is continued over the picture by a surface of second degree, whatever its shade.
    """
    ratio = np.log(np.maximum(grey, DARKEST) / np.maximum(_surface(grey), DARKEST))
    low, high = np.percentile(ratio, (EXTREME, 100 - EXTREME))
    return bool(-low >= high)


def ink_on_ground(grey: Pixels) -> tuple[Pixels, bool]:
    """Ink (h, w), 0 or more, on a picture (h, w) of 0–1, and whether its ground is light.

    The ground is what remains when everything narrower than WIDEST is closed (dark ink) or opened (light ink): it
    follows gradients and the edges of shadows. Dark ink is the part of the light of the ground that it takes away
    (Gonzalez & Woods, Digital Image Processing, section 9.6: bottom-hat transform, here as a quotient). Light ink is
    what it adds to the light of the ground, relative to that light.
    """
    light = has_light_ground(grey)
    reach = max(1, round(WIDEST * min(grey.shape) / 2))
    wide = _continued(_smoothed(grey), 2 * reach)
    if light:
        ground = _smallest(_largest(wide, reach), reach)
        return np.clip(1 - grey / np.maximum(ground, DARKEST), 0, 1).astype(np.float32), True
    ground = np.maximum(_largest(_smallest(wide, reach), reach), 0)
    return np.clip((grey - ground) / (ground + FLARE), 0, None).astype(np.float32), False


def without_specks(ink: Pixels) -> Pixels:
    """Ink (h, w) of 0–1 without the grain of the paper, thin rules and the rims of shadows.

    A connected patch that is nowhere darker than SURE is none (hysteresis thresholding: Canny 1986, section VI).
    """
    from scipy.ndimage import label

    patches, n = label(ink >= NOISE, structure=np.ones((3, 3)))
    strongest = np.zeros(n + 1)
    np.maximum.at(strongest, patches, ink)
    strongest[0] = 0
    return np.where(strongest[patches] >= SURE, ink, np.float32(0))


def _continued(grey: Pixels, margin: int) -> Pixels:
    """A picture with a margin in which its light goes on to rise or fall as it does along the edge."""
    for _ in range(2):
        grey = np.concatenate([_beyond(grey, margin)[::-1], grey, _beyond(grey[::-1], margin)]).T
    return grey


def _beyond(grey: Pixels, margin: int) -> Pixels:
    """So many rows before the first one, the nearest first."""
    band = min(BAND, len(grey))
    outer, inner = grey[:band].mean(0), grey[band : 2 * band].mean(0) if len(grey) >= 2 * band else grey[:band].mean(0)
    rows: Pixels = outer + np.arange(1, margin + 1, dtype=np.float32)[:, None] * (outer - inner) / band
    return rows


def _surface(grey: Pixels) -> Pixels:
    """The surface of second degree through the edges of a picture, by least squares."""
    h, w = grey.shape
    y, x = np.meshgrid(np.linspace(-1, 1, h), np.linspace(-1, 1, w), indexing="ij")
    terms = np.stack([np.ones_like(x), x, y, x * x, y * y, x * y], axis=-1)
    edge = np.ones((h, w), bool)
    edge[1:-1, 1:-1] = False
    weights = np.linalg.lstsq(terms[edge], grey[edge].astype(float), rcond=None)[0]
    surface: Pixels = (terms @ weights).astype(np.float32)
    return surface


def _smoothed(grey: Pixels) -> Pixels:
    """Each pixel the median of itself and its eight neighbours, so that grain does not raise the ground."""
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(grey, 1, mode="edge"), (3, 3))
    return np.median(windows, axis=(2, 3))


def _largest(grey: Pixels, reach: int) -> Pixels:
    """The largest value within `reach` rows and columns of each pixel that is as far from the edge."""
    for axis in (0, 1):
        grey = np.lib.stride_tricks.sliding_window_view(grey, 2 * reach + 1, axis).max(-1)
    return grey


def _smallest(grey: Pixels, reach: int) -> Pixels:
    """The smallest value within `reach` rows and columns of each pixel that is as far from the edge."""
    return -_largest(-grey, reach)
