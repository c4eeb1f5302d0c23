"""Functions drawn from the prior or the posterior, and a walk that leads smoothly from draw to draw."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
import numpy as np
from msgspec import Meta

from engine.derived import derived
from engine.document import SETTINGS, Setting
from engine.gaussian import Array
from engine.part import Part
from engine.plane import Viewport
from engine.regression.data_space import PLACES, DataSpaceSettings
from engine.regression.display import Display
from engine.regression.document import Regression
from engine.regression.model.linear_model import inferred

DRAWS = 8  # that the walk passes through before it starts again
FRAMES = 24  # from one draw to the next


@SETTINGS.register
class SamplesSettings(Part, Setting, frozen=True, tag=True):
    """Samples: which functions the panel draws."""

    of: Annotated[
        Literal["posterior", "prior"],
        Meta(title="Samples are of", description="Functions drawn before or after the observations."),
    ] = "posterior"


class Walk(msgspec.Struct, frozen=True, eq=False):
    """Over `x` (n,): `frames` (m, s, n) of s functions each. Every frame alone is s fair draws."""

    x: Array
    frames: Array
    mean: Array
    truth: Array | None


@derived(Walk)
def samples(document: Regression, view: Viewport) -> Walk:
    """Functions drawn from the prior or the posterior, as the settings say."""
    taken = document.taken.first(0) if document[SamplesSettings].of == "prior" else document.taken
    known, x = inferred(document.model, taken), np.linspace(view.left, view.right, PLACES)
    features, count = document.features(x), max(1, document[DataSpaceSettings].samples)
    normals = closed_walk(np.random.default_rng(document.seed), count, document.model.basis.size + 1)
    w = known.transport(normals.reshape(-1, normals.shape[-1]))
    frames = document.units.t_back(w @ features.T).reshape(len(normals), count, PLACES)
    truth = document.source.truth.at(x) if document[Display].show_truth else None
    return Walk(x, frames, document.units.t_back(features @ known.weights.mean), truth)


def closed_walk(rng: np.random.Generator, count: int, size: int) -> Array:
    """A closed walk (frames, count, size) through standard normals, on arcs from draw to draw.

    cos a · ε + sin a · ε' is standard normal if ε and ε' are independent: every point of an arc has the distribution
    of its ends.
    """
    draws = rng.standard_normal((DRAWS, count, size))
    angle = np.linspace(0, np.pi / 2, FRAMES, endpoint=False)[:, None, None]
    legs = [np.cos(angle) * draws[i] + np.sin(angle) * draws[(i + 1) % DRAWS] for i in range(DRAWS)]
    return np.concatenate(legs)
