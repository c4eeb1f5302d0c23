"""The ground of a picture: unevenly lit paper, estimated and divided out so that only ink remains."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.float32]
WIDEST = 0.35  # of the picture's shorter side; a wider stroke counts as ground
DARKEST = 0.02  # of white; the smallest brightness of a ground by which a pixel is divided
FLARE = 0.05  # of white; added to a dark ground before dividing by it, so that noise is not amplified
BAND = 4  # rows or columns at an edge from which the slope of the light is measured
EDGE = 4  # pixels from its outline within which the closing may fill a part of a shadow
KEPT = 0.3  # ink is kept if at least this fraction of it remains beside the exact outline of the shadows
NOISE, SURE = (
    0.15,
    0.5,
)  # of the strongest ink; pixels below NOISE are grain, a patch of ink has a pixel above SURE
EXTREME = 0.5  # per cent of all pixels that are ignored at each end


def has_light_ground(grey: Pixels) -> bool:
    """Return whether a picture (h, w) of 0–1 is dark ink on light paper.

    A quadratic surface is fitted to the pixels at the edges. The ink is dark if the strongest deviations from this
    surface are darker, at any brightness of the paper.
    """
    ratio = np.log(np.maximum(grey, DARKEST) / np.maximum(_surface(grey), DARKEST))
    low, high = np.percentile(ratio, (EXTREME, 100 - EXTREME))
    return bool(-low >= high)


def ink_on_ground(grey: Pixels) -> tuple[Pixels, bool]:
    """Return the ink (h, w), 0 or more, of a picture (h, w) of 0–1, and whether the ground is light.

    The ground is the picture after a morphological closing (dark ink) or opening (light ink), which removes everything
    narrower than WIDEST. It follows gradients and the edges of shadows. Dark ink is the fraction of the ground's light
    that is missing (Gonzalez & Woods, Digital Image Processing, section 9.6: bottom-hat transform, here as a quotient).
    Light ink is the additional light, relative to the light of the ground.
    """
    light = has_light_ground(grey)
    if light:
        ground = _closed(_smoothed(grey))
        return np.clip(1 - grey / np.maximum(ground, DARKEST), 0, 1).astype(np.float32), True
    ground = np.maximum(-_closed(-_smoothed(grey)), 0)
    return np.clip((grey - ground) / (ground + FLARE), 0, None).astype(np.float32), False


def _closed(grey: Pixels) -> Pixels:
    """Return a picture (h, w) in which dark parts that are narrower than WIDEST are filled, but no part of a shadow.

    A closing fills the corners and the curved outlines of a wide shadow as well, because a square does not fit into
    them. So the outline is restored by a reconstruction within EDGE pixels (Soille, Morphological Image Analysis,
    chapter 6). A stroke is not part of the shadow: most of its contrast remains in the reconstruction.
    """
    reach = max(1, round(WIDEST * min(grey.shape) / 2))
    closed = _smallest(_largest(_continued(grey, 2 * reach), reach), reach)
    restored = closed
    for _ in range(EDGE):
        restored = np.maximum(_smallest(np.pad(restored, 1, mode="edge"), 1), grey)
    return np.where(restored - grey >= KEPT * (closed - grey), closed, restored)


def without_specks(ink: Pixels) -> Pixels:
    """Return ink (h, w) of 0–1 without the grain of the paper, thin lines and the edges of shadows.

    A connected patch without a pixel above SURE is removed (hysteresis thresholding: Canny 1986, section VI).
    """
    from scipy.ndimage import label

    patches, n = label(ink >= NOISE, structure=np.ones((3, 3)))
    strongest = np.zeros(n + 1)
    np.maximum.at(strongest, patches, ink)
    strongest[0] = 0
    return np.where(strongest[patches] >= SURE, ink, np.float32(0))


def _continued(grey: Pixels, margin: int) -> Pixels:
    """Return a picture with a margin on all sides, in which the light continues linearly from the edge."""
    for _ in range(2):
        grey = np.concatenate([_beyond(grey, margin)[::-1], grey, _beyond(grey[::-1], margin)]).T
    return grey


def _beyond(grey: Pixels, margin: int) -> Pixels:
    """Return `margin` rows that continue the picture above its first row, the nearest row first."""
    band = min(BAND, len(grey))
    outer, inner = grey[:band].mean(0), grey[band : 2 * band].mean(0) if len(grey) >= 2 * band else grey[:band].mean(0)
    rows: Pixels = outer + np.arange(1, margin + 1, dtype=np.float32)[:, None] * (outer - inner) / band
    return rows


def _surface(grey: Pixels) -> Pixels:
    """Return the quadratic surface fitted to the pixels at the edges by least squares."""
    h, w = grey.shape
    y, x = np.meshgrid(np.linspace(-1, 1, h), np.linspace(-1, 1, w), indexing="ij")
    terms = np.stack([np.ones_like(x), x, y, x * x, y * y, x * y], axis=-1)
    edge = np.ones((h, w), bool)
    edge[1:-1, 1:-1] = False
    weights = np.linalg.lstsq(terms[edge], grey[edge].astype(float), rcond=None)[0]
    surface: Pixels = (terms @ weights).astype(np.float32)
    return surface


def _smoothed(grey: Pixels) -> Pixels:
    """Return the median of each pixel and its eight neighbours, so that grain does not raise the ground."""
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(grey, 1, mode="edge"), (3, 3))
    return np.median(windows, axis=(2, 3))


def _largest(grey: Pixels, reach: int) -> Pixels:
    """Return the largest value within `reach` rows and columns of each pixel at least `reach` from the edge."""
    for axis in (0, 1):
        grey = np.lib.stride_tricks.sliding_window_view(grey, 2 * reach + 1, axis).max(-1)
    return grey


def _smallest(grey: Pixels, reach: int) -> Pixels:
    """Return the smallest value within `reach` rows and columns of each pixel at least `reach` from the edge."""
    return -_largest(-grey, reach)
