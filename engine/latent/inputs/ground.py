"""The ground of a picture: unevenly lit paper, estimated and divided out so that only ink remains."""

from __future__ import annotations

from collections.abc import Callable

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
PLATEAU = 1.4  # closings whose reach differs by this factor find the same strokes
REMAINS = 1.15  # the largest ratio of the numbers of pixels of the same strokes
ENOUGH = 0.7  # of the strength of all ink; strokes are at least as strong
STRONGEST = 0.5  # per cent of all pixels that are the strongest ink
INSIDE = 8  # pixels from the edge of the picture at which the darkness of shadows is measured
ALIKE = 1.35  # the largest ratio of the darknesses of one shadow
DARKER = 1.12  # strokes, and pixels of shadow and stroke, are at least this many times as dark as a shadow
SQUARE = np.ones((3, 3), bool)  # a pixel and its eight neighbours
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
    narrower than WIDEST, or less where a narrow shadow lies on the paper (docs/decisions/052). It follows gradients and
    the edges of shadows. Dark ink is the fraction of the ground's light that is missing (Gonzalez & Woods, Digital
    Image Processing, section 9.6: bottom-hat transform, here as a quotient). Light ink is the additional light,
    relative to the light of the ground.
    """
    light = has_light_ground(grey)
    smooth = _smoothed(grey)
    widest = max(1, round(WIDEST * min(grey.shape) / 2))

    def ink(reach: int) -> Pixels:
        if light:
            ground = np.maximum(_closed(smooth, reach), DARKEST)
            return np.clip(1 - grey / ground, 0, 1).astype(np.float32)
        ground = np.maximum(-_closed(-smooth, reach), 0)
        return np.clip((grey - ground) / (ground + FLARE), 0, None).astype(np.float32)

    found = _without_bands(ink, widest)
    return _without_pale_bands(found) if light else found, light


def _without_bands(ink: Callable[[int], Pixels], widest: int) -> Pixels:
    """Return the ink (h, w) found with the smallest closing that leaves out only shadows narrower than the widest.

    `ink` returns the ink that is found with a closing by its reach. The amount of ink grows with the reach up to the
    width of the strokes, then remains, and grows again at the width of a narrow shadow (granulometry: Soille,
    chapter 4). The additional ink is a shadow if it reaches an edge of the picture, as the shadow of an arm or of a
    cable does.
    """
    whole = ink(widest)
    strongest = _strength(whole)
    reach = 1
    while reach < widest:
        found = ink(reach)
        farther = ink(min(widest, max(reach + 1, round(PLATEAU * reach))))
        strength = _strength(found)
        if strength >= ENOUGH * strongest:
            strong = found >= SURE * strength
            if (farther >= SURE * strength).sum() <= REMAINS * strong.sum():
                return found if _is_shadow(whole >= SURE * strength, strong) else whole
        reach = max(reach + 1, round(1.25 * reach))
    return whole


def _without_pale_bands(ink: Pixels) -> Pixels:
    """Return ink (h, w) of 0–1 without shadows that reach an edge of the picture and are paler than the strokes.

    Shadow and ink multiply the light, so that their logarithms add up. Under a stroke the shadow continues as at the
    nearest pixel beside the stroke.
    """
    from scipy.ndimage import binary_dilation, binary_opening, distance_transform_edt, label, median

    darkness = -np.log(np.maximum(1 - ink, DARKEST))
    strength = _strength(darkness)
    least = NOISE * strength
    depth = min(INSIDE, min(ink.shape) // 8)  # nearer to the edge the ground is less certain
    inner = darkness[depth : len(ink) - depth, depth : ink.shape[1] - depth]
    edge = np.concatenate([inner[0], inner[-1], inner[1:-1, 0], inner[1:-1, -1]])
    edge = edge[edge >= least]
    if len(edge) < EDGE:
        return ink
    level = float(np.percentile(edge, 75))
    if DARKER * level > strength:
        return ink
    strong = binary_dilation(darkness > DARKER * level, SQUARE)
    patches, n = label(binary_opening((darkness >= least) & ~strong, SQUARE), structure=SQUARE)
    levels = median(darkness, patches, np.arange(1, n + 1))
    shadow = np.isin(patches, 1 + np.flatnonzero((levels >= level / ALIKE) & (levels <= ALIKE * level)))
    shade = np.where(binary_dilation(shadow, SQUARE, iterations=2) & ~strong, darkness, 0)
    nearest = distance_transform_edt(strong, return_distances=False, return_indices=True)
    left: Pixels = np.clip(1 - np.exp(shade[tuple(nearest)] - darkness), 0, 1).astype(np.float32)
    return left


def _strength(ink: Pixels) -> float:
    """The ink of the strongest strokes: exceeded by STRONGEST per cent of all pixels."""
    return float(np.percentile(ink, 100 - STRONGEST))


def _is_shadow(whole: NDArray[np.bool_], found: NDArray[np.bool_]) -> bool:
    """Whether most of the pixels of a mask that are not `found` belong to patches that reach an edge."""
    from scipy.ndimage import label

    added = whole & ~found
    patches, _ = label(added, structure=np.ones((3, 3)))
    edge = np.unique(np.concatenate([patches[0], patches[-1], patches[:, 0], patches[:, -1]]))
    at_edge = np.isin(patches, edge[edge > 0])
    return bool(at_edge.sum() > 0.5 * added.sum())


def _closed(grey: Pixels, reach: int) -> Pixels:
    """Return a picture (h, w) in which dark parts up to 2 reach wide are filled, but no part of a wider shadow.

    A closing fills the corners and the curved outlines of a wide shadow as well, because a square does not fit into
    them. So the outline is restored by a reconstruction within EDGE pixels (Soille, Morphological Image Analysis,
    chapter 6). A stroke is not part of the shadow: most of its contrast remains in the reconstruction.
    """
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
