"""The panel Observed image in the real window: brush, undo, keyboard, observed and hidden pixels."""

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QInputDevice, QPointingDevice, QTabletEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.latent.document import Latent
from engine.latent.inputs.input import Blank
from engine.latent.observations.brushed import MOST, Brushed
from engine.latent.observations.full import Full
from engine.latent.observations.half import Half
from engine.latent.probes import MeasurementPlace
from engine.latent.unboxing import brushing
from engine.latent.unboxing.brushing import WIDTHS
from engine.latent.unboxing.latent_space import NO_IMAGE
from engine.latent.unboxing.observation import observe
from gui.latent.unboxing.latent_space import Posterior
from gui.latent.unboxing.observed_image import UNDO_STROKE, ObservedImage
from gui.page.stepper import BACK as STEP_BACK
from gui.shell import theme
from tests.gui.conftest import settle
from tests.gui.latent.acting import change, edit, run
from tests.gui.latent.brush import LINE, brush, document, pixel, scored, under
from tests.gui.latent.unboxing.conftest import CHOSEN

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton


@pytest.fixture
def panel(page):
    return page.view.panel(ObservedImage)


@pytest.mark.proof
def test_a_stroke_reveals_the_pixels_under_it_and_is_one_step_of_undo(qtbot, window, page, panel):
    count = page.store.stack.count()
    brush(panel)
    settle(qtbot, window)
    (stroke,) = document(page).observation.strokes
    assert stroke.width == WIDTHS["Medium"]
    assert page.store.stack.count() == count + 1
    inside, unsure = under(LINE, stroke.width, (28, 28))
    np.testing.assert_array_equal(panel.image.known[~unsure], inside[~unsure])
    known = panel.image.known
    np.testing.assert_array_equal(panel.image.seen[known], np.rint(254 * scored(page))[known])
    assert panel.image.seen[~known].max() == 0
    page.store.stack.undo()
    assert document(page) == CHOSEN


@pytest.mark.slow
def test_each_stroke_is_a_step_and_is_undone_by_itself(qtbot, window, page, panel):
    brush(panel)
    brush(panel, [(0.2, 0.8), (0.8, 0.8)])
    settle(qtbot, window)
    assert (document(page).step, document(page).observation.steps) == (2, 2)
    np.testing.assert_array_equal(panel.image.latest, panel.observed.added[1])
    page.store.stack.undo()
    assert document(page).observation.steps == 1
    page.store.stack.redo()
    assert document(page).observation.steps == 2


@pytest.mark.slow
def test_brushing_replaces_another_observation(window, page, panel):
    change(window, observe, Half("top"))
    assert document(page).observation == Half("top")
    brush(panel)
    assert isinstance(document(page).observation, Brushed)
    assert document(page).step == 1
    page.store.stack.undo()
    assert document(page).observation == Half("top")


@pytest.mark.slow
def test_a_stroke_at_an_earlier_step_is_inserted_at_that_step(window, page, panel):
    brush(panel)
    brush(panel, [(0.2, 0.8), (0.8, 0.8)])
    run(window, STEP_BACK)
    before = document(page).observation.strokes
    brush(panel, [(0.1, 0.1), (0.2, 0.1)])
    strokes = document(page).observation.strokes
    assert (strokes[0], strokes[2]) == before
    assert document(page).step == 2


@pytest.mark.slow
@pytest.mark.parametrize("how", ["right-click", "Delete", "button", "command", "pen"])
def test_the_latest_stroke_is_undone(qtbot, window, page, panel, how):
    brush(panel)
    before = document(page)
    brush(panel, [(0.2, 0.8), (0.8, 0.8)])
    qtbot.waitUntil(lambda: panel.image.known.any())
    if how == "right-click":
        QTest.mouseClick(panel.image, RIGHT, pos=pixel(panel.image, (0.5, 0.5)))
    elif how == "Delete":
        QTest.keyClick(panel.image, Qt.Key.Key_Delete)
    elif how == "button":
        QTest.mouseClick(panel.undo, LEFT)
    elif how == "command":
        run(window, UNDO_STROKE)
    else:
        press_other_end(panel.image)
    assert document(page) == before
    page.store.stack.undo()
    assert document(page).observation.steps == 2


def press_other_end(image):
    kind = QPointingDevice.PointerType.Eraser
    device = QPointingDevice("pen", 1, QInputDevice.DeviceType.Stylus, kind, QInputDevice.Capability.Pressure, 1, 1)
    at, none = QPointF(pixel(image, (0.5, 0.5))), Qt.KeyboardModifier.NoModifier
    for moment in (QTabletEvent.Type.TabletPress, QTabletEvent.Type.TabletRelease):
        everywhere = QPointF(image.mapToGlobal(at.toPoint()))
        event = QTabletEvent(moment, device, at, everywhere, 0.5, 0, 0, 0, 0, 0, none, LEFT, LEFT)
        QApplication.sendEvent(image, event)


@pytest.mark.slow
def test_the_whole_image_has_no_stroke_to_undo(window, page, panel):
    QTest.keyClick(panel.image, Qt.Key.Key_Delete)
    assert document(page) == CHOSEN
    assert window.banner.text.text() == brushing.NOTHING
    assert not panel.undo.isEnabled()
    assert not panel.clear.isEnabled()


@pytest.mark.slow
def test_clearing_hides_the_whole_image_and_is_undone(page, panel):
    brush(panel)
    brushed = document(page)
    QTest.mouseClick(panel.clear, LEFT)
    assert document(page).observation == Brushed()
    page.store.stack.undo()
    assert document(page) == brushed


@pytest.mark.proof
def test_the_keyboard_brushes_pixel_by_pixel_and_steps(qtbot, window, page, panel):
    image = panel.image
    panel.width_choice.setCurrentText("Thin")
    image.setFocus()
    for key, times in ((Qt.Key.Key_Right, 3), (Qt.Key.Key_Up, 2)):
        for _ in range(times):
            QTest.keyClick(image, key)
    QTest.keyClick(image, Qt.Key.Key_Return)
    settle(qtbot, window)
    assert [tuple(place) for place in np.argwhere(image.known)] == [(14 - 2, 14 + 3)]
    QTest.keyClick(image, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(image, Qt.Key.Key_Return)
    settle(qtbot, window)
    assert {tuple(place) for place in np.argwhere(image.known)} == {(12, 17), (12, 13)}
    QTest.keyClick(image, Qt.Key.Key_Space, Qt.KeyboardModifier.ShiftModifier)
    assert document(page).step == 1
    QTest.keyClick(image, Qt.Key.Key_Space)
    assert document(page).step == 2


@pytest.mark.slow
def test_the_cursor_stays_on_the_image(panel):
    for _ in range(40):
        QTest.keyClick(panel.image, Qt.Key.Key_Left)
    assert panel.image._at == pytest.approx((0.5 / 28, 14.5 / 28))


def tone(image, row, column):
    """Return the mean lightness of a pixel of the image on the screen, without its edges."""
    square, shown = image.square, image.grab().toImage()
    side = square.width() / 28
    xs = np.arange(round(square.left() + column * side) + 2, round(square.left() + (column + 1) * side) - 1)
    ys = np.arange(round(square.top() + row * side) + 2, round(square.top() + (row + 1) * side) - 1)
    return np.mean([shown.pixelColor(int(x), int(y)).lightness() for x in xs for y in ys])


@pytest.mark.proof
def test_observed_pixels_have_full_contrast_and_hidden_ones_are_faint_or_invisible(qtbot, window, page, panel):
    window.resize(1920, 1080)
    edit(window, CHOSEN.with_observation(Brushed()))
    settle(qtbot, window)
    row, column = next(place for place in np.argwhere(scored(page) > 0.5) if place[0] > 8)
    blank = 3, 3
    faint, hatched = tone(panel.image, row, column), tone(panel.image, *blank)
    ink, paper = theme.ink().lightness(), theme.paper().lightness()
    assert ink + 60 < faint < hatched - 25
    assert hatched < paper - 2
    panel.choices()[0].trigger()
    assert tone(panel.image, row, column) == pytest.approx(hatched, abs=12)
    middle = (column + 0.5) / 28, (row + 0.5) / 28
    brush(panel, [middle, middle])
    brush(panel, [(3.5 / 28, 3.5 / 28)] * 2)
    edit(window, document(page).with_observation(brushing.strokes_of(document(page))))
    settle(qtbot, window)
    panel.image._move_to(None, by_keys=False)
    assert tone(panel.image, row, column) == pytest.approx(ink, abs=2)
    assert tone(panel.image, *blank) > hatched


@pytest.mark.slow
def test_the_brush_reveals_pixels_before_the_scene_is_computed(window, panel):
    window.resize(1920, 1080)
    QApplication.processEvents()
    image = panel.image
    image.show_seen(image.whole, np.zeros_like(image.seen), np.zeros((28, 28), bool), np.zeros((28, 28), bool))
    row, column = next(place for place in np.argwhere(image.whole > 200) if place[0] > 8)
    before = tone(image, row, column)
    image.put_down.emit((column + 0.5) / 28, (row + 0.5) / 28, 0.5, False)
    assert tone(image, row, column) < before - 60
    image.lifted.emit()


@pytest.mark.slow
def test_undoing_under_the_brush_ends_the_stroke(page, panel):
    brush(panel)
    panel.image.put_down.emit(0.3, 0.3, 0.5, False)
    page.store.stack.undo()
    before = document(page)
    panel.image.drawn.emit(0.6, 0.6, 0.5)
    assert document(page) is before


@pytest.mark.slow
def test_another_observation_under_the_brush_ends_the_stroke(window, page, panel):
    """The panel looked for the stroke among those of the new observation, which has none."""
    edit(window, CHOSEN.with_observation(Half()))
    panel.image.put_down.emit(0.3, 0.3, 0.5, False)
    assert document(page).observation.steps == 1
    page.store.stack.undo()
    assert document(page).observation == Half()
    assert panel.image.brushing is None
    edit(window, document(page).with_observation(Full()))
    panel.image.drawn.emit(0.6, 0.6, 0.5)
    assert document(page).observation == Full()
    panel.image.lifted.emit()


@pytest.mark.proof
def test_a_stroke_continues_at_the_edge_when_the_mouse_leaves_the_image(qtbot, window, page, panel):
    brush(panel, [(0.5, 0.9), (0.5, 1.4)])
    settle(qtbot, window)
    assert document(page).observation.strokes[0].points[-1][1] == 1
    assert panel.image.known[27, 14]


@pytest.mark.slow
def test_the_number_of_strokes_is_limited(window, page, panel):
    stroke = brushing.begun(CHOSEN, (0.5, 0.5, 0.5), 0.1).observation.strokes[0]
    edit(window, CHOSEN.with_observation(Brushed((stroke,) * MOST)))
    full = document(page)
    brush(panel)
    assert document(page) is full
    assert "already 256 strokes" in window.banner.text.text()


@pytest.mark.slow
def test_the_empty_state_names_the_ways_to_select_an_image(qtbot, window, page, panel):
    change(window, Latent.with_input, Blank())
    settle(qtbot, window)
    assert panel.notice.text() == NO_IMAGE
    assert panel.notice.isVisible()
    brush(panel)
    QTest.keyClick(panel.image, Qt.Key.Key_Return)
    assert document(page).input == Blank()
    assert document(page).observation == Full()
    page.store.stack.undo()
    settle(qtbot, window)
    assert not panel.notice.isVisible()
    assert panel.image.isVisible()


@pytest.mark.slow
def test_the_image_decoded_under_the_cursor_or_at_the_posterior_mean_is_beside(qtbot, window, page, panel, hand):
    decode = document(page).loaded_model.decode
    mean = panel.observed.mean
    np.testing.assert_array_equal(panel.decoded.ink, decode(np.array([mean.z]))[0])
    assert panel.decoded.role == "posterior"
    pointer = hand(page.view.panel(Posterior).plot)
    view = pointer.plot.shown  # the posterior is framed
    x, y = 0.7 * view.left + 0.3 * view.right, 0.6 * view.bottom + 0.4 * view.top
    pointer.move(x, y)
    settle(qtbot, window)
    z = pointer.plot.place_of(pointer.plot.pixel_of(x, y))
    np.testing.assert_array_equal(panel.decoded.ink, decode(np.array([z]))[0])
    assert panel.decoded.role == "hovered"
    pointer.plot.left.emit()
    np.testing.assert_array_equal(panel.decoded.ink, decode(np.array([panel.observed.mean.z]))[0])


@pytest.mark.slow
def test_a_selected_row_of_the_ledger_is_outlined(qtbot, window, page, panel):
    brush(panel)
    brush(panel, [(0.2, 0.8), (0.8, 0.8)])
    settle(qtbot, window)
    page.view.select(MeasurementPlace(0))
    settle(qtbot, window)
    np.testing.assert_array_equal(panel.image.chosen, panel.observed.added[0])
    page.view.select(None)
    assert panel.image.chosen is None
