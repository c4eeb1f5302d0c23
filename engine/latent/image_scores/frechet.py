"""The Fréchet distance between two sets of features, each taken for a sample of a Gaussian."""

from __future__ import annotations

import numpy as np

from engine.gaussian import Array


def frechet_distance(real: Array, generated: Array) -> float:
    """Return ‖m₁ − m₂‖² + tr(C₁ + C₂ − 2(C₁C₂)^½) of features (n, f) and (m, f), in squared units of the features.

    Dowson & Landau 1982; Heusel et al. 2017 use it with the features of a large network ("FID"). The trace of the root
    is the sum of the singular values of A₁A₂ᵀ, where AᵢᵀAᵢ = Cᵢ.
    """
    shift = real.mean(0) - generated.mean(0)
    roots = [(points - points.mean(0)) / np.sqrt(len(points) - 1) for points in (real, generated)]
    small: list[Array] = [np.asarray(np.linalg.qr(root, mode="r")) for root in roots]
    common = np.linalg.svd(small[0] @ small[1].T, compute_uv=False).sum()
    return float(shift @ shift + sum(np.square(root).sum() for root in small) - 2 * common)
