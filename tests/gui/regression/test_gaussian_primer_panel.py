"""The panel Gaussian primer: clicks make points, right-clicks remove them, and the numbers follow."""

import numpy as np
import pytest
from PySide6.QtCore import Qt

from engine.regression.document import Regression
from engine.regression.gaussian_primer import PrimerPoints
from engine.session import Session, decode, encode
from gui.regression.gaussian_primer import GaussianPrimer
from tests.gui.acting import commit
from tests.gui.conftest import settle

CORNERS = ((0.0, 0.0), (2.0, 0.0), (2.0, 1.0), (0.0, 1.0))


@pytest.fixture
def panel(qtbot, window):
    window.page.view.docks["Gaussian primer"].raise_()
    qtbot.waitUntil(lambda: "Gaussian primer" in window.page.view.panels)
    settle(qtbot, window)
    return window.page.view.panel(GaussianPrimer)


def points(window):
    return window.page.store.document[PrimerPoints].points


@pytest.mark.slow
def test_clicks_make_points_until_there_is_a_density(qtbot, window, panel, hand):
    assert "Click here" in panel.notice.text()
    for i, (place, why) in enumerate(zip(CORNERS, ("One point", "Two points", "", ""), strict=True)):
        hand(panel.plot).click(*place)
        settle(qtbot, window)
        assert len(points(window)) == i + 1
        assert points(window)[i] == pytest.approx(place, abs=0.02)
        assert panel.notice.text().startswith(why)
        assert bool(panel.notice.text()) is (i < 2)
        assert (panel.primer.raster.pixels is None) is (i < 2)
        assert "nan" not in " ".join(value.text() for row in panel.fitted for value in row)
    assert panel.sums[0].text() == "4"
    np.testing.assert_allclose(panel.primer.mean.places, [[1, 0.5]], atol=0.02)


@pytest.mark.slow
def test_the_numbers_are_those_of_the_points(qtbot, window, panel):
    commit(window, "Corners", Regression(settings=(PrimerPoints(CORNERS),)))
    settle(qtbot, window)
    texts = [value.text() for value in panel.sums]
    assert texts == ["4", "4.000", "2.000", "8.000", "2.000", "2.000"]
    left, right = ([row[i].text() for row in panel.fitted] for i in (0, 1))
    assert left[:5] == ["1.000", "1.000", "0.000", "1.333", "0.000"]
    assert right[:6] == ["0.500", "0.000", "0.250", "0.000", "0.333", "0.000"]
    assert right[6] == f"−{-4 * (-np.log(2 * np.pi) - 1 - 0.5 * np.log(0.25)):.2f} nats"
    assert panel.primer.words.texts == ("1σ: 39.3 %", "2σ: 86.5 %")


@pytest.mark.slow
def test_dragging_and_removing_a_point_can_be_undone(qtbot, window, panel, hand):
    page = window.page
    commit(window, "Corners", Regression(settings=(PrimerPoints(CORNERS),)))
    settle(qtbot, window)
    hand(panel.plot).drag((2.0, 1.0), (2.5, 1.5))
    settle(qtbot, window)
    assert points(window)[2] == pytest.approx((2.5, 1.5), abs=0.02)
    page.store.stack.undo()
    assert points(window) == CORNERS
    hand(panel.plot).click(2.0, 0.0, Qt.MouseButton.RightButton)
    settle(qtbot, window)
    assert points(window) == (CORNERS[0], *CORNERS[2:])
    hand(panel.plot).move(0.0, 1.0)
    qtbot.keyClick(panel.plot, Qt.Key.Key_Delete)
    settle(qtbot, window)
    assert points(window) == (CORNERS[0], CORNERS[2])
    assert panel.notice.text().startswith("Two points")
    page.store.stack.undo()
    page.store.stack.undo()
    assert points(window) == CORNERS


@pytest.mark.slow
def test_twenty_are_drawn_and_all_are_cleared(qtbot, window, panel):
    qtbot.mouseClick(panel.twenty, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(panel.twenty, Qt.MouseButton.LeftButton)
    settle(qtbot, window)
    document = window.page.store.document
    assert len(set(points(window))) == 40
    assert decode(encode(Session(document))).document == document
    qtbot.mouseClick(panel.clear, Qt.MouseButton.LeftButton)
    settle(qtbot, window)
    assert points(window) == ()
    assert panel.sums[0].text() == "0"
    assert not len(panel.primer.mean.places)
    window.page.store.stack.undo()
    assert len(points(window)) == 40
