"""All derived values of the Regression page together: their order, and that none is starved."""

from importlib import import_module
from itertools import pairwise
from pkgutil import iter_modules

import pytest

from engine import regression
from engine.derived import PENDING, Derived, Scheduler, resolve
from engine.plane import Viewport
from engine.regression import Observations
from engine.regression.data_space import crowd, curves
from engine.regression.document import Regression
from engine.regression.evidence import log_evidence
from engine.regression.weight_space import weight_planes

LINE = Regression(observations=Observations([0.9, -0.6, 0.2], [0.15, -0.6, -0.2]), step=3)
MODULES = [import_module(f"engine.regression.{module.name}") for module in iter_modules(regression.__path__)]
KEYS = {value for module in MODULES for value in vars(module).values() if isinstance(value, Derived)}
ALL = dict.fromkeys(KEYS, Viewport(-1, 1, -1, 1))
FIRST = {weight_planes, curves, crowd, log_evidence}


def scenes(wanted):
    return [scene for scene in Scheduler().unfold(LINE, wanted) if scene is not PENDING]


def test_these_values_are_in_the_first_scene():
    assert {key for key in KEYS if key.first} == FIRST
    assert len(KEYS) == 15


@pytest.mark.slow
def test_scenes_start_with_the_first_values_and_change_by_one_value_each():
    unfolded = scenes(ALL)
    assert set(unfolded[0].values) == FIRST
    assert set(unfolded[-1].values) == KEYS
    for scene in unfolded:
        assert scene.document is LINE
        assert all(scene.get(key) is unfolded[0].get(key) for key in FIRST)
    for before, after in pairwise(unfolded):
        changed = [key for key in after.values if after.get(key) is not before.get(key)]
        assert len(changed) <= 1


def test_without_other_panels_the_first_scene_is_complete():
    """Four scenes would repaint the page four times after one click."""
    wanted = dict.fromkeys(FIRST, Viewport(-1, 1, -1, 1))
    assert scenes(wanted) == []
    assert set(resolve(LINE, wanted).values) == FIRST
    assert resolve(LINE, {}).values == {}


def test_every_other_value_is_computed_next_in_some_cancelled_job():
    scheduler, first = Scheduler(), set()
    for _ in range(3 * len(KEYS)):
        unfolding = scheduler.unfold(LINE, ALL)
        for scene in unfolding:
            if scene is not PENDING and (others := set(scene.values) - FIRST):
                first |= others
                break
        unfolding.close()
    assert first == {key for key in KEYS if not key.first and not key.last}
