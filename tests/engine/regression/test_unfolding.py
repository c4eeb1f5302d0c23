"""All derived values of the page together: what comes first, and that none is starved."""

from importlib import import_module
from itertools import pairwise
from pkgutil import iter_modules

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


def test_the_page_has_these_values_in_the_first_scene():
    assert {key for key in KEYS if key.first} == FIRST
    assert len(KEYS) == 14


def test_it_unfolds_from_the_planes_and_curves_to_the_whole():
    found = scenes(ALL)
    assert set(found[0].values) == FIRST
    assert set(found[-1].values) == KEYS
    for scene in found:
        assert scene.document is LINE
        assert all(scene.get(key) is found[0].get(key) for key in FIRST)
    for before, after in pairwise(found):
        changed = [key for key in after.values if after.get(key) is not before.get(key)]
        assert len(changed) <= 1


def test_without_other_panels_the_first_scene_is_the_whole():
    """Four scenes would be four paints of one click."""
    wanted = dict.fromkeys(FIRST, Viewport(-1, 1, -1, 1))
    assert scenes(wanted) == []
    assert set(resolve(LINE, wanted).values) == FIRST
    assert resolve(LINE, {}).values == {}


def test_every_value_is_the_first_after_these_once_in_a_while():
    scheduler, first = Scheduler(), set()
    for _ in range(3 * len(KEYS)):
        unfolding = scheduler.unfold(LINE, ALL)
        for scene in unfolding:
            if scene is not PENDING and (others := set(scene.values) - FIRST):
                first |= others
                break
        unfolding.close()
    assert first == {key for key in KEYS if not key.first and not key.last}
