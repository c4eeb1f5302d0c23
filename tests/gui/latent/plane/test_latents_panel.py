"""The panel Latents in the real window: axes and values by mouse and keys, the principal plane, and refusals."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from engine.latent.document import Latent
from engine.latent.inputs.input import FromData
from engine.latent.plane.latents import LatentsSettings
from engine.latent.slice import Slice
from gui.latent.plane.latents import AT_0, AT_IMAGE, CHOOSE, Latents
from gui.latent.plane.plane import Plane
from gui.plots.images.traversal import ACROSS, UP
from tests.gui.conftest import settle
from tests.gui.latent.acting import edit, run

LEFT = Qt.MouseButton.LeftButton


@pytest.mark.slow
def test_the_plane_is_chosen_and_its_point_moved(qtbot, open_window):
    window = open_window("latent")
    edit(window, Latent(model="mnist-8", input=FromData(3)))
    panel, store = window.page.view.bring(Latents), window.page.store
    settle(qtbot, window)
    assert panel.grid.rows == 8 and panel.form.isEnabled()
    assert "no latent is unused" in panel.words.text()
    row = panel.grid.traversal.order.tolist().index(5)
    qtbot.mouseClick(panel.grid, LEFT, pos=panel.grid.box(row, ACROSS).center())
    settle(qtbot, window)
    assert store.document.slice == Slice(5, 1)
    assert window.page.view.panel(Plane).mosaic._names == ("z₅", "z₁")
    qtbot.mouseClick(panel.grid, LEFT, pos=panel.grid.box(row, UP).center())  # z₅ is the other axis: both exchange
    settle(qtbot, window)
    assert store.document.slice == Slice(1, 5)
    film = panel.grid.film(row)
    qtbot.mouseClick(panel.grid, LEFT, pos=QPoint(round(panel.grid.x_of(2.0)), film.center().y()))
    settle(qtbot, window)
    assert store.document.slice.values[5] == pytest.approx(2.0, abs=0.05)
    qtbot.keyClick(panel.grid, Qt.Key.Key_Left)
    settle(qtbot, window)
    assert store.document.slice.values[5] == pytest.approx(1.75, abs=0.05)
    assert "value 1.7" in panel.grid.accessibleDescription()
    run(window, AT_IMAGE)
    settle(qtbot, window)
    assert store.document.slice == Slice(1, 5, at_image=True) and panel.image.isChecked()
    panel.span_principal()
    settle(qtbot, window)
    assert store.document.slice.names == ("a₁", "a₂") and "(a₁, a₂) of 8" in panel._caption(panel.traversal)
    _three_images(qtbot, window, panel)
    qtbot.keyClick(panel.grid, Qt.Key.Key_X)
    run(window, AT_0)
    settle(qtbot, window)
    assert not store.document.slice.directions
    edit(window, Latent())
    settle(qtbot, window)
    before = store.document
    refused = []
    panel.refused.connect(refused.append)
    qtbot.keyClick(panel.grid, Qt.Key.Key_Right)
    assert store.document is before and "two latents" in refused[0] and not panel.form.isEnabled()


def _three_images(qtbot, window, panel):
    """Three images are chosen one after another; the plane goes through them, and the pins are where they are."""
    store = window.page.store
    for index in (3, 0, 1):
        edit(window, store.document.with_input(FromData(index)))
        run(window, CHOOSE)
        if index == 0:
            settle(qtbot, window)
            assert "2 of 3 images chosen" in panel.words.text()
            with pytest.raises(ValueError, match="and two are chosen"):
                panel.span_three()
    with pytest.raises(ValueError, match="not computed yet"):
        panel.span_three()  # of the third image
    settle(qtbot, window)
    panel.span_three()
    settle(qtbot, window)
    means = panel.traversal.three
    places = store.document.loaded_model.plane.latents(np.array(store.document.pins))
    np.testing.assert_allclose(places, means, atol=1e-6)
    chosen = store.document[LatentsSettings].images
    edit(window, store.document.with_setting(LatentsSettings((*chosen[:2], FromData(9_999_999)))))
    settle(qtbot, window)
    with pytest.raises(ValueError, match="cannot encode"):
        panel.span_three()


@pytest.mark.slow
def test_the_names_of_two_factors_span_a_plane(qtbot, open_window):
    window = open_window("latent")
    edit(window, Latent(model="faces-6"))
    panel, store = window.page.view.bring(Latents), window.page.store
    settle(qtbot, window)
    names = panel.traversal.factors.names
    assert names == ("smile", "head turn", "glasses", "hair tone") and "MIG 0." in panel.words.text()
    for name in ("hair tone", "glasses"):  # the last one is across
        panel.grid.factor_chosen.emit(names.index(name))
        settle(qtbot, window)
    chosen, directions = store.document.slice.directions, panel.traversal.directions
    assert chosen == (tuple(directions[2].tolist()), tuple(directions[3].tolist()))
    qtbot.keyClick(panel.grid, Qt.Key.Key_F)
    settle(qtbot, window)
    assert store.document.slice.directions == (chosen[1], chosen[0])
    heading = panel.grid.heading(0).center()
    qtbot.mouseClick(panel.grid, LEFT, pos=heading)
    settle(qtbot, window)
    assert store.document.slice.directions == (tuple(directions[0].tolist()), chosen[1])
