"""Bayesian linear regression: the first half of the lecture."""

from engine.regression.basis import BASES, Basis, Fourier, GaussianBumps, Polynomial, Sigmoids
from engine.regression.evidence import FixedPoint, maximise
from engine.regression.inference import LinearModel, Posterior, Prediction
from engine.regression.noise import NOISES, GaussianNoise, Noise, StudentTNoise, UnknownNoise
from engine.regression.observations import Observations
from engine.regression.prior import PRIORS, Ellipse, Isotropic, Prior
from engine.regression.robust import RobustPosterior
from engine.regression.truths import TRUTHS, Line, Source, Truth
from engine.regression.unknown import UnknownNoisePosterior

__all__ = [
    "BASES",
    "NOISES",
    "PRIORS",
    "TRUTHS",
    "Basis",
    "Ellipse",
    "FixedPoint",
    "Fourier",
    "GaussianBumps",
    "GaussianNoise",
    "Isotropic",
    "Line",
    "LinearModel",
    "Noise",
    "Observations",
    "Polynomial",
    "Posterior",
    "Prediction",
    "Prior",
    "RobustPosterior",
    "Sigmoids",
    "Source",
    "StudentTNoise",
    "Truth",
    "UnknownNoise",
    "UnknownNoisePosterior",
    "maximise",
]
