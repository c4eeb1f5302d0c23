"""The formulas of basis functions and of priors, as lines of NumPy."""

from __future__ import annotations

from engine.regression.model.basis import Basis, Centred, Fourier, GaussianBumps, Polynomial, Sigmoids
from engine.regression.model.linear_model import LinearModel
from engine.regression.model.prior import Ellipse, Isotropic

BASIS = "This basis has no formula in NumPy. Copy as Python instead."
PRIOR = "This prior has no formula in NumPy. Copy as Python instead."


def features(basis: Basis) -> str:
    """The function phi in NumPy. Raises ValueError for a basis without a formula here."""
    one = "np.ones((len(x), 1))"
    if isinstance(basis, Polynomial):
        return f"def phi(x):\n    return x[:, None] ** np.arange({basis.size})\n\n"
    if isinstance(basis, Fourier):
        angle = f"    a = 2 * np.pi / {basis.period!r} * x[:, None] * np.arange(1, {basis.pairs + 1})\n"
        waves = "np.stack([np.sin(a), np.cos(a)], axis=2).reshape(len(x), -1)"
        return f"def phi(x):\n{angle}    return np.hstack([{one}, {waves}])\n\n"
    if not isinstance(basis, Centred) or type(basis) not in (GaussianBumps, Sigmoids):
        raise ValueError(BASIS)
    shape = "np.exp(-(u**2) / 2)" if isinstance(basis, GaussianBumps) else "1 / (1 + np.exp(-u))"
    ends = f"{basis.low!r}, {basis.high!r}, {basis.count}"
    centres = f"np.linspace({ends})" if basis.count > 1 else repr((basis.low + basis.high) / 2)
    u = f"    u = (x[:, None] - {centres}) / {basis.width!r}\n"
    return f"def phi(x):\n{u}    return {f'np.hstack([{one}, {shape}])' if basis.bias else shape}\n\n"


def prior(model: LinearModel) -> str:
    """The mean m0 and the inverse covariance S0_inv of the prior in NumPy. Raises ValueError for another prior."""
    start = "m0, S0_inv = np.zeros(Phi.shape[1]), alpha * np.eye(Phi.shape[1])  # PRML 3.52\n"
    shape = model.prior_shape
    if isinstance(shape, Isotropic):
        return start
    if not isinstance(shape, Ellipse) or model.basis.size < 2:
        raise ValueError(PRIOR)
    deviations = f"s = np.array([{shape.deviation_0!r}, {shape.deviation_1!r}])\n"
    inner = f"np.linalg.inv(np.outer(s, s) * [[1, {shape.correlation!r}], [{shape.correlation!r}, 1]])"
    return f"{start}{deviations}m0[:2], S0_inv[:2, :2] = [{shape.mean_0!r}, {shape.mean_1!r}], {inner}\n"
