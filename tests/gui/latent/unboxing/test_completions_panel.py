"""The panel Completions: its images, their latents in the planes, pinning, and its settings."""

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from engine.latent.document import Latent
from engine.latent.inputs.input import FromData
from engine.latent.observations.block_average import BlockAverage
from engine.latent.observations.brushed import Brushed
from engine.latent.observations.half import Half
from engine.latent.unboxing.completions import CompletionsSettings, completions
from engine.latent.unboxing.latent_space import NO_IMAGE
from gui.latent.plane.pinned import Pinned
from gui.latent.unboxing.completions import NEW_COMPLETIONS, Completions
from gui.latent.unboxing.latent_space import Posterior, Prior
from gui.plots.curves.class_bars import OTHERS, ClassBars, percent
from gui.plots.images.picks import Picks
from gui.plots.images.tiles import Tile, Tiles
from tests.gui.conftest import settle
from tests.gui.latent.acting import edit, run

HALF = Latent().with_input(FromData(7)).with_observation(Half("top"))


@pytest.fixture
def window(open_window):
    return open_window("unboxing")


@pytest.fixture
def panel(window):
    return window.page.view.bring(Completions)


@pytest.fixture
def put(qtbot, window, panel):
    """Return the panel with the upper half of a 9 observed."""
    edit(window, HALF)
    settle(qtbot, window)
    return panel


def send(widget, kind, at, button=Qt.MouseButton.NoButton):
    place = QPointF(at)
    event = QMouseEvent(kind, place, QPointF(widget.mapToGlobal(at)), button, button, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(widget, event)


def hover(widget, number):
    send(widget, QEvent.Type.MouseMove, widget.squares()[number].center())


def click(widget, number):
    send(widget, QEvent.Type.MouseButtonPress, widget.squares()[number].center(), Qt.MouseButton.LeftButton)


def document_of(window):
    return window.page.store.document


@pytest.mark.slow
def test_the_empty_state_names_the_ways_to_select_an_image(qtbot, window, panel):
    settle(qtbot, window)
    assert panel.notice.text() == NO_IMAGE
    assert not panel.content.isVisible()


@pytest.mark.slow
def test_modes_mean_deviation_and_encoder_are_side_by_side(window, put):
    completed = put.completed
    assert put.content.isVisible()
    assert completed.exact
    modes = len(completed.divided.modes)
    assert modes > 1
    assert len(put.tiles.tiles) == modes
    assert [tile.role for tile in put.tiles.others] == ["posterior", "posterior", "variational"]
    np.testing.assert_array_equal(put.tiles.others[0].ink, completed.mean)
    heat = put.tiles.others[1].ink
    assert heat.max() == 255
    np.testing.assert_allclose(heat / 255, completed.deviation / completed.deviation.max(), atol=0.002)
    assert put.tiles.tiles[0].place == tuple(completed.divided.modes[0].z)
    assert completed.divided.words in put.modes.text()
    np.testing.assert_array_equal(put.bars.probabilities, completed.divided.probabilities)
    np.testing.assert_array_equal(put.samples.ink, completed.ink)


@pytest.mark.slow
def test_the_posterior_names_its_modes(window, put):
    posterior = window.page.view.panel(Posterior)
    modes = put.completed.divided.modes
    assert len(posterior.heatmap.modes.texts) == len(modes)
    np.testing.assert_allclose(posterior.heatmap.modes.places, [mode.z for mode in modes])
    bar = window.page.view.docks[Posterior.title].titleBarWidget()
    assert put.completed.divided.words in bar.caption.text()


@pytest.mark.slow
def test_a_single_mode_has_no_letter(qtbot, window, put):
    edit(window, Latent().with_input(FromData(0)))
    settle(qtbot, window)
    assert len(put.completed.divided.modes) == 1
    posterior = window.page.view.panel(Posterior)
    assert not len(posterior.heatmap.modes.texts)
    assert put.completed.divided.words in window.page.view.docks[Posterior.title].titleBarWidget().caption.text()


@pytest.mark.slow
@pytest.mark.parametrize("number", [0, 17])
def test_a_sample_under_the_cursor_is_ringed_in_the_planes(qtbot, window, put, number):
    hover(put.samples, number)
    settle(qtbot, window)
    for kind in (Prior, Posterior):
        np.testing.assert_allclose(window.page.view.panel(kind).heatmap.here.places, [put.completed.z[number]])
    QApplication.sendEvent(put.samples, QEvent(QEvent.Type.Leave))
    settle(qtbot, window)
    assert not len(window.page.view.panel(Prior).heatmap.here.places)


@pytest.mark.slow
def test_a_mode_and_the_encoder_mean_are_ringed_but_mean_and_deviation_have_no_latent(qtbot, window, put):
    last = len(put.tiles.shown) - 1
    assert sorted(put.tiles.squares()) == [*range(last - 2), last]
    for number, z in ((0, put.completed.divided.modes[0].z), (last, put.completed.encoder.z)):
        hover(put.tiles, number)
        settle(qtbot, window)
        np.testing.assert_allclose(window.page.view.panel(Prior).heatmap.here.places, [z])


@pytest.mark.proof
def test_a_click_pins_and_the_panel_stays_in_front(qtbot, window, put):
    click(put.samples, 3)
    click(put.tiles, 0)
    settle(qtbot, window)
    np.testing.assert_allclose(document_of(window).pins, [put.completed.z[3], put.completed.divided.modes[0].z])
    assert put.isVisible()
    assert Pinned.title not in window.page.view._seen


@pytest.mark.slow
def test_samples_are_pinned_by_keyboard(qtbot, window, put):
    put.samples.setFocus()
    for _ in range(3):
        qtbot.keyClick(put.samples, Qt.Key.Key_Right)
    assert put.samples.at == 2
    qtbot.keyClick(put.samples, Qt.Key.Key_Left)
    qtbot.keyClick(put.samples, Qt.Key.Key_Return)
    np.testing.assert_allclose(document_of(window).pins, [put.completed.z[1]])


@pytest.mark.slow
def test_new_completions_are_one_step_of_undo(qtbot, window, put):
    before = put.completed.z
    run(window, NEW_COMPLETIONS)
    settle(qtbot, window)
    assert document_of(window)[CompletionsSettings] == CompletionsSettings(seed=2)
    assert not np.array_equal(put.completed.z, before)
    window.page.store.stack.undo()
    settle(qtbot, window)
    np.testing.assert_array_equal(put.completed.z, before)


@pytest.mark.slow
def test_observed_pixels_and_pixel_noise_are_chosen_in_the_form(qtbot, window, put):
    put.form.editors["as_seen"].box.click()
    put.form.editors["with_noise"].box.click()
    settle(qtbot, window)
    assert document_of(window)[CompletionsSettings] == CompletionsSettings(as_seen=True, with_noise=True)
    assert not put.completed.deviation[:14].any()
    assert put.tiles.others[1].titles == ("σ of x",)


@pytest.mark.proof
def test_averages_cannot_replace_decoded_pixels(qtbot, window, put):
    assert put.form.editors["as_seen"].isEnabled()
    edit(window, HALF.with_observation(BlockAverage(7)))
    settle(qtbot, window)
    assert not put.form.editors["as_seen"].isEnabled()


@pytest.mark.slow
def test_before_the_first_observation_there_are_no_modes_and_no_reconstruction(qtbot, window, put):
    edit(window, HALF.with_observation(Brushed()))
    settle(qtbot, window)
    assert put.tiles.tiles == ()
    assert [tile.role for tile in put.tiles.others] == ["prior", "prior"]
    assert "prior" in put.modes.text()


@pytest.mark.slow
def test_one_class_needs_no_bars(qtbot, window, put):
    scene, completed = window.page.view.scene, put.completed
    single = replace(completed.divided, classes=("image",), probabilities=np.ones(1))
    put.draw(scene.having(completions, replace(completed, divided=single)))
    assert not put.bars.isVisible()


@pytest.mark.slow
def test_completions_are_computed_only_while_the_panel_is_visible(qtbot, window, put):
    assert completions in window.page._wanted_values
    window.show_page("latent")
    settle(qtbot, window)
    assert completions not in window.page._wanted_values


# The widgets


def bars_of(qtbot, names, probabilities, size=(200, 100)):
    bars = ClassBars("Classes")
    qtbot.addWidget(bars)
    bars.resize(*size)
    bars.show_classes(tuple(names), np.asarray(probabilities, float))
    return bars


def test_short_names_are_below_their_bars_and_long_ones_beside(qtbot):
    assert bars_of(qtbot, "0123456789", np.full(10, 0.1)).upright
    assert not bars_of(qtbot, ["smiling", "sad, glasses"], [0.2, 0.8], (100, 100)).upright
    assert not bars_of(qtbot, map(str, range(100)), np.full(100, 0.01)).upright


def test_many_classes_are_reduced_to_the_most_probable_ones_and_the_rest(qtbot):
    p = np.linspace(1, 100, 100) / 5050
    shown = bars_of(qtbot, map(str, range(100)), p).bars(5)
    assert [name for name, _, _ in shown] == ["96", "97", "98", "99", OTHERS]
    assert sum(share for _, share, _ in shown) == pytest.approx(1)
    assert len(bars_of(qtbot, "abc", [0.1, 0.2, 0.7]).bars(5)) == 3


@pytest.mark.parametrize(("p", "text"), [(0, "0 %"), (0.001, "<1 %"), (0.61, "61 %"), (0.999, ">99 %"), (1.0, "100 %")])
def test_percent(p, text):
    assert percent(p) == text


@pytest.mark.parametrize("n", [1, 24, 96])
@pytest.mark.parametrize("size", [(660, 80), (1000, 160)])
def test_samples_are_as_large_as_fit(qtbot, n, size):
    picks = Picks("Samples")
    qtbot.addWidget(picks)
    picks.resize(*size)
    picks.show_ink(np.zeros((n, 4, 4), np.uint8))
    squares = list(picks.squares().values())
    assert len(squares) == n
    assert all(picks.rect().contains(square) for square in squares)
    assert not any(a.intersects(b) for i, a in enumerate(squares) for b in squares[:i])


def test_the_last_modes_are_left_out_if_the_widget_is_narrow(qtbot):
    tiles, tile = Tiles("Tiles"), Tile(("title",), ("note",), np.zeros((4, 4), np.uint8), "posterior", "tip", (0, 0))
    qtbot.addWidget(tiles)
    modes, others = tuple(placed(tile, i) for i in range(9)), (tile, tile, tile)
    tiles.show_tiles(modes, others)
    for width in (300, 480, 760, 2000):
        tiles.resize(width, 120)
        assert tiles.shown[-3:] == others
        assert tiles.shown[:-3] == modes[: len(tiles.shown) - 3]
        assert len(tiles.shown) >= 4
        squares = list(tiles.squares().values())
        assert all(tiles.rect().contains(square) for square in squares)
        assert not any(a.intersects(b) for i, a in enumerate(squares) for b in squares[:i])
    assert len(tiles.shown) == 12


def placed(tile, i):
    return Tile(tile.titles, tile.notes, tile.ink, tile.role, tile.tip, (float(i), 0.0))


@pytest.mark.slow
def test_samples_of_eight_latents_have_no_place_on_the_plane(qtbot, window, panel):
    edit(window, replace(HALF, model="mnist-8"))
    settle(qtbot, window)
    assert len(panel.samples.ink) == 24 and "effective sample size" in panel.modes.text()
    assert ("The chains disagree" in panel.modes.text()) == (panel.completed.effective < 64 / 3)
    assert "weighted mean" in panel.tiles.shown[0].notes and panel.tiles.shown[-1].place is None
    panel._write_all_latents(replace(panel.completed, effective=5.2))
    assert "The chains disagree" in panel.modes.text() and "effective sample size 5 of 64" in panel.modes.text()
    panel._write_all_latents(replace(panel.completed, effective=50.0))
    assert "The chains disagree" not in panel.modes.text()
    before = window.page.store.document
    panel._on_sample(0)
    panel._on_sample_picked(0)
    assert window.page.store.document is before and not panel.bars.isVisible()
