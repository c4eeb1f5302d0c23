"""Functions drawn from the prior or the posterior, and a smooth walk from draw to draw."""

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
from engine.regression.document import Regression
from engine.regression.model.linear_model import inferred
from engine.regression.own_data import shown_truth

DRAWS = 8  # draws of one round of the walk
FRAMES = 24  # frames from one draw to the next


@SETTINGS.register
class SamplesSettings(Part, Setting, frozen=True, tag=True):
    """Samples: functions from the posterior or from the prior."""

    of: Annotated[
        Literal["posterior", "prior"],
        Meta(title="Draw samples from", description="The posterior, given the observations, or the prior."),
    ] = "posterior"


class Walk(msgspec.Struct, frozen=True, eq=False):
    """A closed walk in m frames of s functions over `x` (n,): `frames` (m, s, n), in original units.

    The s functions of each frame are independent draws. `mean` (n,) is the mean of all functions, `truth` (n,) the true
    function, None if it is hidden.
    """

    x: Array
    frames: Array
    mean: Array
    truth: Array | None


@derived(Walk)
def samples(document: Regression, view: Viewport) -> Walk:
    """A walk through functions drawn from the posterior, or from the prior if the settings choose it."""
    taken = document.taken.first(0) if document[SamplesSettings].of == "prior" else document.taken
    posterior, x = inferred(document.model, taken), np.linspace(view.left, view.right, PLACES)
    features, count = document.features(x), max(1, document[DataSpaceSettings].samples)
    normals = closed_walk(np.random.default_rng(document.seed), count, document.model.basis.size + 1)
    w = posterior.transport(normals.reshape(-1, normals.shape[-1]))
    frames = document.units.t_back(w @ features.T).reshape(len(normals), count, PLACES)
    truth = shown_truth(document, x)
    return Walk(x, frames, document.units.t_back(features @ posterior.weights.mean), truth)


def closed_walk(rng: np.random.Generator, count: int, size: int) -> Array:
    """A closed walk (frames, count, size) through draws from N(0, I), on arcs from draw to draw.

    cos a · ε + sin a · ε′ has the distribution N(0, I) if ε and ε′ are independent draws from N(0, I), so every point
    of an arc has the distribution of its ends.
    """
    draws = rng.standard_normal((DRAWS, count, size))
    angle = np.linspace(0, np.pi / 2, FRAMES, endpoint=False)[:, None, None]
    legs = [np.cos(angle) * draws[i] + np.sin(angle) * draws[(i + 1) % DRAWS] for i in range(DRAWS)]
    return np.concatenate(legs)
