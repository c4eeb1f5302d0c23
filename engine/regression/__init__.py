"""Bayesian linear regression: the names that scripts and tests import."""

from engine.regression.data.observations import Observations
from engine.regression.data.truths import TRUTHS, Line, Source, Truth
from engine.regression.model.basis import BASES, Basis, Fourier, GaussianBumps, Polynomial, Sigmoids
from engine.regression.model.linear_model import LinearModel, Posterior, Prediction
from engine.regression.model.log_evidence import FixedPoint, maximise
from engine.regression.model.noise import NOISES, GaussianNoise, Noise, StudentTNoise, UnknownNoise
from engine.regression.model.prior import PRIORS, Ellipse, Isotropic, Prior
from engine.regression.model.student_t_grid import GridPosterior
from engine.regression.model.student_t_noise import RobustPosterior
from engine.regression.model.unknown_noise import UnknownNoisePosterior

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
    "GridPosterior",
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
