"""Overlays: chosen in the panel or by a command, drawn over the plane with a colour bar, computed only if visible."""

import numpy as np
import pytest

from engine.latent.charts import EqualProbability
from engine.latent.document import Latent
from engine.latent.model import Embedding
from engine.latent.plane.kernel_regression import correlations
from engine.latent.plane.overlays.aggregate_posterior import AggregatePosterior
from engine.latent.plane.overlays.factor_contours import FactorContours
from engine.latent.plane.overlays.overlay import OVERLAYS, Laid, OverlaySettings, overlay
from engine.part import title_of
from engine.ticks import ticks
from gui.latent.plane.overlay import OverlayPanel
from gui.latent.plane.plane import Plane
from gui.plots.planes.overlay import shades
from gui.plots.raster import _lookup
from gui.shell import theme
from tests.gui.conftest import action, settle
from tests.gui.latent.acting import change


@pytest.fixture
def window(open_window):
    return open_window("latent")


@pytest.fixture
def panel(qtbot, window):
    panel = window.page.view.bring(OverlayPanel)
    settle(qtbot, window)
    return panel


@pytest.fixture
def plane(window):
    return window.page.view.panel(Plane)


def choose(panel, words):
    combo = panel.form.editors["kind"].combo
    combo.setCurrentText(words)
    combo.activated.emit(combo.currentIndex())


@pytest.mark.slow
def test_an_overlay_is_chosen_drawn_explained_and_undone(qtbot, window, panel, plane):
    assert plane.bar.isHidden()
    choose(panel, "Aggregate posterior")
    settle(qtbot, window)
    assert isinstance(window.page.store.document[OverlaySettings].kind, AggregatePosterior)
    assert plane.bar.isVisible()
    assert (plane.bar.low, plane.bar.high) == (-3, 3)
    view, home = plane.mosaic.overlay.raster.rect, plane.mosaic.shown
    assert view.left() <= home.left
    assert view.right() >= home.right
    assert "KL(q̄‖p)" in panel.numbers.text()
    assert "10,000" in panel.numbers.text()
    window.page.store.stack.undo()
    settle(qtbot, window)
    assert plane.bar.isHidden()
    assert plane.mosaic.overlay.raster.pixels is None
    assert not panel.numbers.isVisible()


@pytest.mark.slow
@pytest.mark.parametrize("kind", list(OVERLAYS), ids=lambda kind: kind.__name__)
def test_every_overlay_has_a_command_that_is_ticked_while_it_is_chosen(window, kind):
    other = next(member for member in OVERLAYS if member is not kind)
    change(window, Latent.with_setting, OverlaySettings(other()))
    chosen = action(window, title_of(kind))
    chosen.trigger()
    assert window.page.store.document[OverlaySettings].kind == kind()
    assert chosen.isChecked()


@pytest.mark.slow
def test_digits_have_no_factors_and_the_panel_gives_the_reason(qtbot, window, panel, plane):
    choose(panel, "Factor contours")
    settle(qtbot, window)
    assert "faces" in panel.meaning.text()
    assert not panel.table.isVisible()
    assert plane.bar.isHidden()


@pytest.mark.slow
def test_the_overlay_follows_the_chart_and_the_opacity(qtbot, window, panel, plane):
    choose(panel, "Reconstruction error")
    settle(qtbot, window)
    before = plane.mosaic.overlay.raster.pixels
    low, high = plane.bar.low, plane.bar.high
    change(window, Latent.with_chart, EqualProbability())
    settle(qtbot, window)
    assert isinstance(window.page.store.document.chart, EqualProbability)
    assert plane.mosaic.overlay.raster.pixels.shape != before.shape
    assert (plane.bar.low, plane.bar.high) == (low, high)
    editor = panel.form.editors["opacity"]
    editor.line.setText("0.25")
    editor.line.textEdited.emit("0.25")
    settle(qtbot, window)
    assert window.page.store.document[OverlaySettings].opacity == 0.25
    assert {colour >> 24 for colour in plane.bar._table} == {64, 0}


@pytest.mark.slow
def test_panning_reuses_the_computed_cells(qtbot, window, panel, plane):
    choose(panel, "Reconstruction error")
    settle(qtbot, window)
    plane.mosaic._pan(0.01, 0.0)
    settle(qtbot, window)
    moved = plane.mosaic.overlay.raster.rect
    assert moved.left() <= plane.mosaic.shown.left
    shown = window.page.view.scene.get(overlay)
    np.testing.assert_array_equal(plane.mosaic.overlay.raster.pixels, shown.image[::-1])


@pytest.mark.slow
def test_the_overlay_is_not_computed_behind_a_tab(qtbot, window, panel):
    choose(panel, "Reconstruction error")
    settle(qtbot, window)
    assert overlay in window.page.view.scene
    window.page.view.docks["Reparameterisation"].raise_()
    qtbot.waitUntil(lambda: overlay not in window.page._wanted_values)
    settle(qtbot, window)


@pytest.mark.slow
def test_ticking_a_factor_draws_its_contours(qtbot, window, panel):
    rng = np.random.default_rng(0)
    z = rng.normal(size=(200, 2))
    factors = np.column_stack([2 * z[:, 0], -z[:, 1], np.ones(200)])
    embedding = Embedding(z, np.full_like(z, 0.1), np.zeros(200, np.uint8), ("a",), factors, ("smile", "turn", "same"))
    panel.document = Latent(settings=(OverlaySettings(FactorContours()),))
    expected = correlations(z, factors, embedding.factor_names)
    panel._write(Laid(FactorContours(), correlations=expected))
    assert [box.text() for box in panel.table.boxes] == ["smile", "turn", "same"]
    texts = [[label.text() for label in row] for row in panel.table.values]
    r = np.corrcoef(z.T)[0, 1]
    assert texts[0] == ["1.00", f"{r:z.2f}".replace("-", "−"), "1.00"]
    assert texts[1] == [f"{-r:z.2f}".replace("-", "−"), "−1.00", "1.00"]
    assert texts[2] == ["–", "–", "–"]
    with qtbot.waitSignal(panel.edited) as edited:
        panel.table.boxes[1].click()
    assert edited.args[0].document[OverlaySettings].factors == (0, 1)


def test_transparent_colours_are_premultiplied_and_signed_ones_are_clear_in_the_middle():
    theme.apply("light", 1.0)
    for signed in (True, False):
        table = shades(signed, 0.6)
        colours, _ = _lookup(table)
        assert len(table) == 256
        assert colours[255] == 0
        for plain, premultiplied in zip(table, colours.tolist(), strict=True):
            alpha = plain >> 24
            assert premultiplied >> 24 == alpha
            for shift in (0, 8, 16):
                assert abs((premultiplied >> shift & 255) - (plain >> shift & 255) * alpha / 255) <= 1
    middle = shades(True, 0.6)
    assert middle[127] >> 24 == 0
    assert middle[0] >> 24 == middle[254] >> 24 == round(0.6 * 255)


def test_ticks_are_round_and_inside():
    assert ticks(-3, 3) == [-2, 0, 2]
    assert ticks(31.2, 199.0) == [50, 100, 150]
    assert ticks(0.0, 1.0) == pytest.approx([0, 0.2, 0.4, 0.6, 0.8, 1.0])
