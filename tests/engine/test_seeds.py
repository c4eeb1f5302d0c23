"""New random numbers: behind the last seed comes the first one, for every setting that has a seed."""

import pytest
from msgspec.structs import replace

from engine.document import SETTINGS

SEEDED = [kind for kind in SETTINGS if "seed" in kind.__struct_fields__ and hasattr(kind, "fresh")]


def test_some_settings_draw_again():
    assert len(SEEDED) >= 3


@pytest.mark.parametrize("kind", SEEDED, ids=lambda kind: kind.__name__)
def test_behind_the_last_seed_comes_the_first(kind):
    assert replace(kind(), seed=1).fresh().seed == 2
    assert replace(kind(), seed=2**31 - 1).fresh().seed == 0
