"""The centre of each class on the plane: the encoder mean of a test image that is near to all others of its class."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.gaussian import Array

MOST = 300  # test images of a class that are compared; more move its centre by less than a tile


def class_centres(places: Array, labels: NDArray[np.uint8], classes: int) -> Array:
    """Return the medoid (classes, 2) of each class: its place with the smallest sum of distances to the others.

    `places` are (n, 2) in any unit, `labels` (n,) the numbers of their classes. Unlike a mean, a medoid lies among the
    places of its class. It is NaN for a class without places (Kaufman & Rousseeuw 1987).
    """
    centres = np.full((classes, 2), np.nan)
    for label in range(classes):
        own = places[labels == label]
        own = own[:: -(-len(own) // MOST)] if len(own) else own
        if len(own):
            apart = np.hypot(*(own[:, None] - own).T)
            centres[label] = own[np.argmin(apart.sum(axis=0))]
    return centres
