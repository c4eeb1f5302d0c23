"""Pairs of images: as large as all of them fit, and never smaller than the smallest side."""

import numpy as np
import pytest

from gui.plots.images.pairs import APART, GAP, SIDES, Pairs


@pytest.mark.parametrize(("width", "height"), [(640, 243), (640, 600), (1200, 900), (90, 60)])
def test_pairs_fill_the_room_and_all_of_them_fit(qtbot, width, height):
    pairs = Pairs("", "")
    qtbot.addWidget(pairs)
    pairs.show_pairs(np.zeros((24, 28, 28), np.uint8), np.zeros((24, 28, 28), np.uint8))
    pairs.setMinimumHeight(0)
    pairs.resize(width, height)
    side = pairs.side
    rows = [-(-24 // max(1, (width - GAP) // (each + GAP))) * (2 * each + APART) + GAP for each in SIDES]
    fitting = [each for each, tall in zip(SIDES, rows, strict=True) if tall <= pairs.height()]
    assert side == (fitting[-1] if fitting else SIDES[0])
