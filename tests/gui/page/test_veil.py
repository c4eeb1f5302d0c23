"""Values of another document are veiled, and arrows point to what is out of view."""

import numpy as np
import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QTransform

from gui.plots.planes.beyond import Beyond
from gui.regression.data_space import DataSpace
from gui.regression.model import Model
from gui.regression.weight_space import Posterior
from tests.gui.acting import commit
from tests.gui.conftest import settle


@pytest.fixture
def window(open_window):
    return open_window()


@pytest.mark.slow
def test_values_of_another_document_are_veiled_until_the_new_ones_are_drawn(qtbot, window):
    view, page = window.page.view, window.page
    posterior, model = view.panel(Posterior), view.panel(Model)
    assert posterior.veil.isHidden()
    page.store.changed.disconnect(page._on_changed)  # so that no scene is computed
    commit(window, "Observe", page.store.document.observe(0.5, 0.5))
    view.echo(page.store.document)
    qtbot.waitUntil(posterior.veil.isVisible, timeout=5000)
    assert view.panel(DataSpace).veil.isVisible()
    assert model.veil.isHidden()  # a form shows the document itself
    assert posterior.veil.size() == posterior.size()
    page.store.changed.connect(page._on_changed)
    page._resolve()
    settle(qtbot, window)
    assert posterior.veil.isHidden()


@pytest.mark.slow
def test_fit_shows_the_outlines_and_all_observations(qtbot, window):
    commit(window, "Observe", window.page.store.document.observe(0.5, 0.5).observe(-0.9, 4.0))
    settle(qtbot, window)
    posterior, data = window.page.view.panel(Posterior), window.page.view.panel(DataSpace)
    posterior.plot.zoom(0.01, 3.0, 3.0)
    data.plot.zoom(0.5)
    settle(qtbot, window)
    beyond = posterior.heatmap.beyond
    assert beyond.target(posterior.plot._transform()) is not None
    posterior.plot.go_home()
    data.plot.go_home()
    settle(qtbot, window)
    shown, (low, high) = posterior.plot.shown, beyond.corners
    assert np.all(low > [shown.left, shown.bottom])
    assert np.all(high < [shown.right, shown.top])
    assert data.plot.shown.top > 4.0
    assert beyond.target(posterior.plot._transform()) is None


def test_the_arrow_points_to_an_outline_only_if_no_part_of_it_is_in_view():
    beyond = Beyond()
    beyond.area = QRect(0, 0, 100, 100)
    beyond.show_outline(np.array([[90.0, 50.0], [120.0, 60.0], [110.0, 40.0]]))
    assert beyond.target(QTransform()) is None
    beyond.show_outline(np.array([[190.0, 50.0], [220.0, 60.0], [210.0, 40.0]]))
    assert beyond.target(QTransform()).x() == pytest.approx(205)
    beyond.show_outline(None)
    assert beyond.target(QTransform()) is None
