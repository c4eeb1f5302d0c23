"""Observation: the observation of the selected image, and how the density of its measurements is computed."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from msgspec.structs import replace

from engine.derived import derived
from engine.latent.document import Latent
from engine.latent.observations.observation import Observation
from engine.latent.observations.pixel_noise import GaussianNoise, SaltAndPepper
from engine.latent.training.models import read_card
from engine.plane import Viewport

NO_NOISE = "This observation has no noise. Choose Gaussian noise, or salt and pepper."
APPROXIMATE = " (approximate likelihood)"
NOISY = GaussianNoise | SaltAndPepper


@derived(str, first=True)
def measurement_density(document: Latent, _: Viewport) -> str:
    """Describe how p(measurements | z) is computed."""
    likelihood, observation = document.loaded_model.vae.card.recipe.likelihood, document.observation
    return f"p({observation.symbol}|z): {observation.density(likelihood)}. Pixels: {likelihood}."


@derived(str, first=True)
def approximation(document: Latent, _: Viewport) -> str:
    """Return what a caption adds to numbers that come from an approximate p(measurements | z); "" if it is exact."""
    likelihood = document.loaded_model.vae.card.recipe.likelihood
    return APPROXIMATE if document.step and document.observation.approximate(likelihood) else ""


def observe(document: Latent, observation: Observation) -> Latent:
    """Return the document with another kind of observation; unchanged if its observation is of that kind."""
    return document if type(observation) is type(document.observation) else document.with_observation(observation)


def fresh_noise(document: Latent) -> Latent:
    """Return the document with new noise of the same kind. Raises ValueError if the observation has no noise."""
    observation = document.observation
    if not isinstance(observation, NOISY):
        raise ValueError(NO_NOISE)
    return document.with_observation(replace(observation, seed=(observation.seed + 1) % 2**31))


def no_noise(document: Latent) -> str:
    """Return why there is no noise to draw; "" if there is noise."""
    return "" if isinstance(document.observation, NOISY) else NO_NOISE


def unavailable(document: Latent, observation: type[Observation]) -> str:
    """Return why this observation cannot be applied to images of the document's model; "" if it can."""
    shape = _shape(document.path)
    return "" if shape is None else observation.unavailable(shape)


def _shape(path: Path) -> tuple[int, ...] | None:
    """The shape of a model's images, from the header of its file; None if the file cannot be read."""
    try:
        return _shape_in(path, path.stat().st_mtime_ns)
    except (OSError, ValueError):
        return None


@lru_cache(maxsize=64)
def _shape_in(path: Path, _written: int) -> tuple[int, ...]:
    return tuple(read_card(path).shape)
