"""Triangular basis functions."""

import numpy as np

from engine.regression.model.basis import BASES, Centred


@BASES.register
class Tents(Centred, frozen=True, tag=True):
    """Tents: max(0, 1 − |x − μ_j|/s)."""

    def shape(self, u):
        return np.maximum(0.0, 1 - np.abs(u))
