"""The panel Attribute arithmetic in the real window: attributes, strength, the arrow on the plane, and undo."""

import numpy as np
import pytest
from PySide6.QtCore import Qt

from engine.latent.document import SHIPPED, Latent
from engine.latent.inputs.input import FromData
from engine.latent.model import INKS
from engine.latent.plane.attribute_arithmetic import ArithmeticSettings
from engine.latent.vae import load_model
from gui.latent.plane.attribute_arithmetic import NO_IMAGE, AttributeArithmetic
from gui.latent.plane.plane import Plane
from tests.gui.conftest import settle
from tests.gui.latent.acting import change


@pytest.fixture
def window(open_window):
    return open_window("latent")


@pytest.fixture
def panel(qtbot, window):
    panel = window.page.view.bring(AttributeArithmetic)
    settle(qtbot, window)
    return panel


@pytest.fixture
def vector(window):
    return window.page.view.panel(Plane).mosaic.vector


def choose(qtbot, window, combo, name):
    combo.setCurrentText(name)
    combo.activated.emit(combo.currentIndex())
    settle(qtbot, window)


def ink(z):
    return (load_model(SHIPPED).decode(np.atleast_2d(z)) * INKS + 0.5).astype(np.uint8)[0]


@pytest.mark.slow
def test_choosing_sliding_and_typing_change_the_document_and_the_images(qtbot, window, panel):
    page = window.page
    start = page.store.document
    change(window, Latent.with_input, FromData(4))
    page.view.bring(AttributeArithmetic)
    choose(qtbot, window, panel.start, "4")
    choose(qtbot, window, panel.end, "9")
    panel.slider.setValue(150)
    panel.slider.setValue(175)
    settle(qtbot, window)
    chosen = page.store.document[ArithmeticSettings]
    assert (chosen.start, chosen.end, chosen.strength) == ("4", "9", 1.75)
    assert panel.form.editors["strength"].line.text() == "1.75"
    np.testing.assert_array_equal(panel.result.ink, ink(panel.sum.z))
    np.testing.assert_array_equal(panel.reconstruction.ink, ink(panel.sum.base))
    page.store.stack.undo()  # both moves of the slider
    assert page.store.document[ArithmeticSettings].strength == 1.0
    line = panel.form.editors["strength"].line
    line.setText("−0,5")
    line.textEdited.emit("−0,5")
    settle(qtbot, window)
    assert page.store.document[ArithmeticSettings].strength == -0.5
    assert panel.slider.value() == -50
    while page.store.stack.canUndo():
        page.store.stack.undo()
    assert page.store.document is start


@pytest.mark.slow
def test_a_strength_out_of_bounds_is_refused_at_the_field(qtbot, window, panel):
    before = window.page.store.document
    line = panel.form.editors["strength"].line
    line.setText("3")
    line.textEdited.emit("3")
    assert window.page.store.document is before
    assert "from −2 to 2" in panel.form.editors["strength"].refusal.text()


@pytest.mark.slow
def test_swapping_reverses_the_arrow(qtbot, window, panel, vector):
    choose(qtbot, window, panel.start, "1")
    choose(qtbot, window, panel.end, "0")
    difference = panel.sum.difference
    qtbot.mouseClick(panel.swap, Qt.MouseButton.LeftButton)
    settle(qtbot, window)
    np.testing.assert_allclose(panel.sum.difference, -difference)
    assert (panel.start.currentText(), panel.end.currentText()) == ("0", "1")
    assert vector.words.texts == ("0", "1")


@pytest.mark.slow
def test_the_arrow_is_on_the_plane_while_the_panel_is_visible(qtbot, window, panel, vector):
    np.testing.assert_allclose(vector.arrow.line[[0, -1]], [panel.sum.base, panel.sum.z])
    np.testing.assert_allclose(vector.ends.places, panel.sum.means)
    window.page.view.docks["Samples"].raise_()
    qtbot.waitUntil(lambda: not len(vector.arrow.line))
    assert not len(vector.ends.places)
    window.page.view.bring(AttributeArithmetic)
    qtbot.waitUntil(lambda: bool(len(vector.arrow.line)))
    settle(qtbot, window)


@pytest.mark.slow
def test_a_click_in_the_plane_chooses_the_first_latent_and_the_panel_stays_visible(qtbot, window, panel, hand):
    assert panel.image.ink is None
    assert panel.no_image.text() == NO_IMAGE
    hand(window.page.view.panel(Plane).plot).click(1.0, 0.5)
    settle(qtbot, window)
    assert panel.isVisible()
    assert tuple(panel.sum.base) == window.page.store.document.pins[0]
