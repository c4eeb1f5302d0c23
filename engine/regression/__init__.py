"""Bayesian linear regression: the first half of the lecture."""

from engine.regression.basis import BASES, Basis, Fourier, GaussianBumps, Polynomial, Sigmoids
from engine.regression.evidence import FixedPoint, maximise
from engine.regression.inference import LinearModel, Posterior, Prediction
from engine.regression.noise import NOISES, GaussianNoise, Noise
from engine.regression.observations import Observations
from engine.regression.truths import TRUTHS, Line, Source, Truth

__all__ = [
    "BASES",
    "NOISES",
    "TRUTHS",
    "Basis",
    "FixedPoint",
    "Fourier",
    "GaussianBumps",
    "GaussianNoise",
    "Line",
    "LinearModel",
    "Noise",
    "Observations",
    "Polynomial",
    "Posterior",
    "Prediction",
    "Sigmoids",
    "Source",
    "Truth",
    "maximise",
]
