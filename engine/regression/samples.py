"""Functions drawn from the prior or the posterior, and a walk that leads smoothly from draw to draw."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np

from engine.derived import derived
from engine.gaussian import Array
from engine.plane import Viewport
from engine.regression.data_space import PLACES
from engine.regression.model.linear_model import inferred

if TYPE_CHECKING:
    from engine.regression.document import Regression

DRAWS = 8  # that the walk passes through before it starts again
FRAMES = 24  # from one draw to the next


class Walk(msgspec.Struct, frozen=True, eq=False):
    """Over `x` (n,): `frames` (m, s, n) of s functions each. Every frame alone is s fair draws."""

    x: Array
    frames: Array
    mean: Array
    truth: Array | None


@derived(Walk)
def walk(document: Regression, view: Viewport) -> Walk:
    """Of the prior or the posterior, as `Display.samples_of` says."""
    taken = document.taken.first(0) if document.display.samples_of == "prior" else document.taken
    known, x = inferred(document.model, taken), np.linspace(view.left, view.right, PLACES)
    features, count = document.features(x), max(1, document.display.samples)
    normals = around(np.random.default_rng(document.seed), count, document.model.basis.size + 1)
    w = known.transport(normals.reshape(-1, normals.shape[-1]))
    frames = document.units.t_back(w @ features.T).reshape(len(normals), count, PLACES)
    truth = document.source.truth.at(x) if document.display.show_truth else None
    return Walk(x, frames, document.units.t_back(features @ known.weights.mean), truth)


def around(rng: np.random.Generator, count: int, size: int) -> Array:
    """A closed walk (frames, count, size) of standard normals, on arcs from draw to draw.

    cos a · ε + sin a · ε' is standard normal if ε and ε' are, so that no place on the way is less likely than its ends.
    """
    draws = rng.standard_normal((DRAWS, count, size))
    angle = np.linspace(0, np.pi / 2, FRAMES, endpoint=False)[:, None, None]
    legs = [np.cos(angle) * draws[i] + np.sin(angle) * draws[(i + 1) % DRAWS] for i in range(DRAWS)]
    return np.concatenate(legs)
