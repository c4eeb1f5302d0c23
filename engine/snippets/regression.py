"""Snippets of the Regression page: the numbers of its panels by the engine, and by the formulas of PRML in NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from msgspec.structs import asdict

import engine.regression as face
from engine.derived import ANYWHERE
from engine.gaussian import Array
from engine.regression.compare import least_squares
from engine.regression.coverage import PLACES, Coverage, CoverageSettings, Experiment, coverage, observed
from engine.regression.data_space import DataSpaceSettings
from engine.regression.document import Regression
from engine.regression.gaussian_primer import PrimerPoints, moments
from engine.regression.model.basis import Basis
from engine.regression.model.linear_model import LinearModel, inferred
from engine.regression.model.noise import GaussianNoise
from engine.regression.model_size import model_sizes
from engine.regression.samples import SamplesSettings, samples
from engine.regression.uncertainty_budget import gains
from engine.snippets.formulas import features, prior
from engine.snippets.snippet import Snippets, array, code_of, imports, names_in, with_number

EMPTY = "No observation is used at this step. Click in Data space, or press Ctrl+D, to make one."
NOISE = "The formulas are those of Gaussian noise of known β. Choose Gaussian noise in the panel Model."
STANDARD = "# x and t are in the units of the model: (x − mean)/σ and (t − mean)/σ of all observations\n"
POINTS = "The Gaussian needs three points that are not on a line. Add them in the panel Gaussian primer."
NO_TRUTH = "The true function has no finite value. Change it in the panel Truth and data."
FROM_PRIOR = "Only true functions drawn from the prior have formulas in NumPy. Copy as Python instead."

# PRML 3.16 and 3.53–3.54, for any Gaussian prior N(m0, S0)
SOLVED = """\
SN_inv = S0_inv + beta * Phi.T @ Phi  # PRML 3.51
mN = np.linalg.solve(SN_inv, S0_inv @ m0 + beta * Phi.T @ t)  # PRML 3.50
"""
EVIDENCE = """\
E = beta / 2 * np.sum((t - Phi @ mN) ** 2) + (mN - m0) @ S0_inv @ (mN - m0) / 2  # PRML 3.82
ln_p = N / 2 * np.log(beta / (2 * np.pi)) - E  # PRML 3.86
ln_p += (np.linalg.slogdet(S0_inv)[1] - np.linalg.slogdet(SN_inv)[1]) / 2
"""


def _taken(document: Regression) -> tuple[Array, Array]:
    """The observations x, t (n,) that are taken into account. Raises ValueError if there is none."""
    if not document.count:
        raise ValueError(EMPTY)
    return document.taken.x, document.taken.t


def _data(document: Regression) -> str:
    x, t = _taken(document)
    return ("" if document.units.are_original else STANDARD) + array("x", x) + array("t", t)


def _python(result: str, document: Regression) -> str:
    """A program with the engine: the data, the model, and the result."""
    names = names_in(document.model) | {"LinearModel": LinearModel.__module__}
    head = "import numpy as np\n\n" + imports(names, "engine.regression", face.__all__)
    model = f"model = {code_of(document.model)}\nposterior = model.condition(x, t)\n"
    return f"{head}\n{_data(document)}{model}{result}"


def _numpy(result: str, document: Regression) -> str:
    """A program with NumPy alone: the data, the design matrix, the prior, the posterior, and the result."""
    noise = document.model.noise
    if not isinstance(noise, GaussianNoise):
        raise ValueError(NOISE)
    numbers = f"alpha, beta, N = {document.model.prior_precision!r}, {noise.precision!r}, len(x)\n"
    solved = f"Phi = phi(x)  # PRML 3.16\n{prior(document.model)}{SOLVED}"
    return f"import numpy as np\n\n\n{features(document.model.basis)}\n{_data(document)}{numbers}{solved}{result}"


def _pair(
    number: Callable[[Regression], Any],
    python: Callable[[Regression], str] | str,
    numpy: Callable[[Regression], str] | str,
) -> Snippets:
    """The snippets whose last lines are given; lines may depend on the document."""

    def ended(frame: Callable[[str, Regression], str], last: Callable[[Regression], str] | str) -> Any:
        def program(document: Regression) -> str:
            result = last if isinstance(last, str) else last(document)
            return with_number(frame(result, document), number(document))

        return program

    return Snippets(number, ended(_python, python), ended(_numpy, numpy))


# The numbers of the panels, and the last lines of their programs


def _mean(document: Regression) -> Array:
    _taken(document)
    return inferred(document.model, document.taken).weights.mean


def _mean_before(document: Regression) -> Array:
    """The mean of the weights before the latest observation."""
    x, t = _taken(document)
    return document.model.condition(x[:-1], t[:-1]).weights.mean


def _latest(document: Regression) -> float:
    """The log likelihood of the latest observation at the mean of the posterior, in nats."""
    x, t = _taken(document)
    return float(document.model.noise.log_likelihood(t[-1], document.model.basis.features(x[-1:]) @ _mean(document))[0])


def _evidence(document: Regression) -> float:
    _taken(document)
    return inferred(document.model, document.taken).log_evidence


def _middle(document: Regression) -> float:
    """The middle of data space in the units of the model, at which the prediction is given."""
    home = document.home
    return float(document.units.x_of_model((home.left + home.right) / 2))


def _prediction(document: Regression) -> Array:
    """Mean, and standard deviations of the function alone and with noise, in the middle of data space."""
    _taken(document)
    at = inferred(document.model, document.taken).predict([_middle(document)])
    return np.array([at.mean[0], np.sqrt(at.epistemic_variance[0]), np.sqrt(at.variance[0])])


def _predict_python(document: Regression) -> str:
    deviations = "np.sqrt(at.epistemic_variance[0]), np.sqrt(at.variance[0])"
    return f"at = posterior.predict([{_middle(document)!r}])\nprint(at.mean[0], {deviations})\n"


def _predict_numpy(document: Regression) -> str:
    return (
        f"f = phi(np.array([{_middle(document)!r}]))[0]\n"
        "v = f @ np.linalg.solve(SN_inv, f)  # of the function; PRML 3.59 adds the noise 1/β\n"
        "print(f @ mN, np.sqrt(v), np.sqrt(v + 1 / beta))\n"
    )


def _sizes(document: Regression) -> Array:
    """ln p(t) for every order of the basis, in nats. Raises ValueError if the panel has no value."""
    _taken(document)
    *_, found = model_sizes(document)
    if found is None or not hasattr(found, "log_evidence"):
        raise ValueError("The panel Model size has no values for so many observations.")
    return np.array(found.log_evidence)


def _sizes_python(document: Regression) -> str:
    orders, name = document.model.basis.orders, _order_field(document.model.basis)
    return (
        "from msgspec.structs import replace  # a model with another basis\n\n"
        f"bases = [replace(model.basis, {name}=order) for order in range({orders.start}, {orders.stop})]\n"
        "print(*[replace(model, basis=basis).condition(x, t).log_evidence for basis in bases])\n"
    )


def _order_field(basis: Basis) -> str:
    """The name of the field of a basis that sets its order."""
    other = basis.of_order(basis.order + 1 if basis.order + 1 in basis.orders else basis.order - 1)
    return next(name for name, value in asdict(basis).items() if value != asdict(other)[name])  # type: ignore[arg-type]


def _best(document: Regression) -> Array:
    """The most informative x, in the units of the model, and its information gain in nats."""
    _taken(document)
    found = gains(document)
    return np.array([float(document.units.x_of_model(found.best)), float(found.gain.max())])


def _best_python(document: Regression) -> str:
    at = float(_best(document)[0])
    return f"print({at!r}, posterior.information_gain([{at!r}])[0])\n"


def _best_numpy(document: Regression) -> str:
    at = float(_best(document)[0])
    gain = "np.log(1 + beta * f @ np.linalg.solve(SN_inv, f)) / 2"
    return f"f = phi(np.array([{at!r}]))[0]\nprint({at!r}, {gain})  # ½ ln(1 + β φᵀS_N φ)\n"


def _compared(document: Regression) -> Array:
    """The weights of least squares and of MAP, one after the other, in the units of the model."""
    _taken(document)
    found = inferred(document.model, document.taken)
    return np.concatenate([least_squares(document.taken.statistics(document.model.basis))[0], found.mode])


def _points(document: Regression) -> Array:
    """The mean (2,) and the covariance (2, 2) of the points of the primer, as six numbers."""
    found = moments(document[PrimerPoints].points)
    if found.unavailable:
        raise ValueError(POINTS)
    return np.concatenate([found.mean, found.covariance().ravel()])


def _points_numpy(document: Regression) -> str:
    x, y = np.array(document[PrimerPoints].points).reshape(-1, 2).T
    number = _points(document)
    lines = (
        "X = np.column_stack([x, y])\nmu = X.sum(axis=0) / len(X)  # PRML 2.121\n"
        "Sigma = (X - mu).T @ (X - mu) / len(X)  # PRML 2.122\nprint(*mu, *Sigma.ravel())\n"
    )
    return with_number(f"import numpy as np\n\n{array('x', x)}{array('y', y)}{lines}", number)


def _points_python(document: Regression) -> str:
    points, number = document[PrimerPoints].points, _points(document)
    lines = f"found = moments({points!r})\nprint(*found.mean, *found.covariance().ravel())\n"
    return with_number(f"from engine.regression.gaussian_primer import moments\n\n{lines}", number)


def _drawn(document: Regression) -> Array:
    """The first functions (s,) of the panel Samples in the middle of data space, in the units of the model."""
    _taken(document)
    walk, (left, right) = samples(document, document.home), (document.home.left, document.home.right)
    middle = document.units.t_of_model([np.interp((left + right) / 2, walk.x, line) for line in walk.frames[0]])
    return np.asarray(middle)


def _draws(document: Regression) -> str:
    """The lines that draw the standard normal numbers of the first functions."""
    count, size = max(1, document[DataSpaceSettings].samples), document.model.basis.size
    return f"normals = np.random.default_rng({document.seed}).standard_normal(({count}, {size + 1}))\n"


def _of_prior(document: Regression, prior: str, posterior: str) -> str:
    return prior if document[SamplesSettings].of == "prior" else posterior


def _drawn_python(document: Regression) -> str:
    model = _of_prior(document, "model.condition(x[:0], t[:0])", "posterior")
    at = f"model.basis.features([{_middle(document)!r}])[0]"
    return f"{_draws(document)}print(*{model}.transport(normals) @ {at})\n"


def _drawn_numpy(document: Regression) -> str:
    mean, precision = _of_prior(document, "m0", "mN"), _of_prior(document, "S0_inv", "SN_inv")
    root = f"R = np.linalg.cholesky({precision}).T  # the precision is R.T @ R\n"
    draws = f"W = {mean} + np.linalg.solve(R, normals[:, :-1].T).T\n"
    return f"{_draws(document)}{root}{draws}print(*W @ phi(np.array([{_middle(document)!r}]))[0])\n"


def _covered(document: Regression) -> Array:
    """The empirical coverage (4,) of the bands, over all x and all repeats."""
    *_, found = coverage(document, ANYWHERE)
    if not isinstance(found, Coverage):
        raise ValueError(NO_TRUTH)
    return found.counted


def _covered_python(document: Regression) -> str:
    parts = (document.model, document[CoverageSettings], document.source, document.units)
    names = {name: module for part in parts for name, module in names_in(part).items()}
    names["Experiment"] = Experiment.__module__
    arguments = ", ".join([*map(code_of, parts), f"seed={document.seed}", f"n={observed(document)}"])
    head = imports(names, "engine.regression", face.__all__)
    lines = f"*_, last = Experiment({arguments}).work.go()\nprint(*last.counted)\n"
    return with_number(f"{head}\n{lines}", _covered(document))


# Each repeat draws a function from the prior, data from it, and a new observation at each x.
REPEAT = """\
R = np.linalg.cholesky(S0_inv).T
held = []
for i in range({repeats}):
    rng = np.random.default_rng([{seed}, i, 2])
    w = m0 + np.linalg.solve(R, rng.standard_normal(len(m0)))
    F = phi(rng.uniform(low, high, N))
    t = F @ w + rng.standard_normal(N) / np.sqrt(beta)
    SN = np.linalg.inv(S0_inv + beta * F.T @ F)  # PRML 3.51
    mean, f = Phi @ SN @ (S0_inv @ m0 + beta * F.T @ t), Phi @ w  # PRML 3.50
    new = f + rng.standard_normal(len(f)) / np.sqrt(beta)
    s = np.sqrt(np.sum(Phi @ SN * Phi, axis=1))
    S = np.sqrt(s**2 + 1 / beta)  # PRML 3.59
    pairs = (np.abs(f - mean), s), (np.abs(new - mean), S)
    held.append([np.mean(off <= times * width) for off, width in pairs for times in (1, 2)])
print(*np.mean(held, axis=0))
"""


def _covered_numpy(document: Regression) -> str:
    noise, settings, source = document.model.noise, document[CoverageSettings], document.source
    if not isinstance(noise, GaussianNoise):
        raise ValueError(NOISE)
    if settings.truth == "this truth":
        raise ValueError(FROM_PRIOR)
    low, high = (float(document.units.x_of_model(end)) for end in (source.low, source.high))
    numbers = f"alpha, beta, N = {document.model.prior_precision!r}, {noise.precision!r}, {observed(document)}\n"
    places = f"low, high = {low!r}, {high!r}\nPhi = phi(np.linspace(low, high, {PLACES}))\n"
    repeat = REPEAT.format(repeats=settings.repeats, seed=document.seed)
    head = f"import numpy as np\n\n\n{features(document.model.basis)}\n"
    return with_number(f"{head}{numbers}{places}{prior(document.model)}{repeat}", _covered(document))


LEAST_SQUARES = "w = np.linalg.lstsq({}, t, rcond=None)[0]  # PRML 3.15\nprint(*w, *{})\n"
PREDICTION = _pair(_prediction, _predict_python, _predict_numpy)
LOG_EVIDENCE = _pair(_evidence, "print(posterior.log_evidence)\n", f"{EVIDENCE}print(ln_p)\n")
BEFORE = "print(*model.condition(x[:-1], t[:-1]).weights.mean)\n"
BEFORE_NUMPY = (
    "P, u = Phi[:-1], t[:-1]  # without the latest observation\n"
    "print(*np.linalg.solve(S0_inv + beta * P.T @ P, S0_inv @ m0 + beta * P.T @ u))\n"
)
LATEST = "f = model.basis.features(x[-1:]) @ posterior.weights.mean\nprint(model.noise.log_likelihood(t[-1], f)[0])\n"
LATEST_NUMPY = "print(np.log(beta / (2 * np.pi)) / 2 - beta / 2 * (t[-1] - Phi[-1] @ mN) ** 2)  # PRML 3.8\n"

BY_PANEL: dict[str, Snippets] = {
    "Prior": _pair(_mean_before, BEFORE, BEFORE_NUMPY),
    "× Likelihood": _pair(_latest, LATEST, LATEST_NUMPY),
    "∝ Posterior": _pair(_mean, "print(*posterior.weights.mean)\n", "print(*mN)\n"),
    "Data space": PREDICTION,
    "Predictive": PREDICTION,
    "Ledger": LOG_EVIDENCE,
    "Evidence": LOG_EVIDENCE,
    "Inference": LOG_EVIDENCE,
    "Uncertainty budget": _pair(_best, _best_python, _best_numpy),
    "Compare": _pair(
        _compared, LEAST_SQUARES.format("model.basis.features(x)", "posterior.mode"), LEAST_SQUARES.format("Phi", "mN")
    ),
    "Model size": Snippets(
        _sizes, lambda document: with_number(_python(_sizes_python(document), document), _sizes(document))
    ),
    "Samples": _pair(_drawn, _drawn_python, _drawn_numpy),
    "Coverage": Snippets(_covered, _covered_python, _covered_numpy),
    "Gaussian primer": Snippets(_points, _points_python, _points_numpy),
}
