"""The panel Sketch pad in the real window: mouse and pen, eraser, undo, and the input of the model."""

from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QInputDevice, QMouseEvent, QPointingDevice, QTabletEvent
from PySide6.QtWidgets import QApplication, QScrollArea

from engine.derived import ANYWHERE, Scheduler
from engine.latent.document import Latent
from engine.latent.image.encoding import encoding
from engine.latent.image.sketch_pad import SketchPadSettings
from engine.latent.inputs.input import Blank, FromData
from engine.latent.inputs.sketch import MOST, Sketch
from engine.latent.inputs.stroke import FIRM, WIDTHS
from engine.latent.plane.plane import mosaic
from engine.latent.plane.samples import draw_samples, samples
from gui.latent.image.sketch_pad import ERASER, LOW, NOTHING, SketchPad
from gui.latent.plane.plane import Plane
from tests.gui.conftest import settle
from tests.gui.latent.acting import change, run

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
PLAIN = Qt.KeyboardModifier.NoModifier
CORNERS = [(0.3, 0.2), (0.7, 0.2), (0.45, 0.8)]  # a 7


@pytest.fixture
def window(open_window):
    return open_window("latent")


@pytest.fixture
def panel(qtbot, window, page):
    panel = page.view.bring(SketchPad)
    settle(qtbot, window)
    qtbot.waitUntil(panel.isVisible)
    QApplication.processEvents()
    return panel


def path(corners, steps=8):
    """Return places on the straight lines between the corners."""
    places = [corners[0]]
    for a, b in pairwise(corners):
        places += [tuple(np.add(a, np.subtract(b, a) * k / steps)) for k in range(1, steps + 1)]
    return places


def pixel(pad, place):
    square = pad.square
    return QPointF(square.left() + place[0] * square.width(), square.top() + place[1] * square.height())


def by_mouse(pad, corners):
    """Draw one stroke through the corners with the mouse."""
    places = path(corners)
    kinds = [QEvent.Type.MouseButtonPress] + [QEvent.Type.MouseMove] * (len(places) - 1)
    for kind, place in zip([*kinds, QEvent.Type.MouseButtonRelease], [*places, places[-1]], strict=True):
        at, button = pixel(pad, place), NONE if kind == QEvent.Type.MouseMove else LEFT
        held = NONE if kind == QEvent.Type.MouseButtonRelease else LEFT
        everywhere = QPointF(pad.mapToGlobal(at.toPoint()))
        QApplication.sendEvent(pad, QMouseEvent(kind, at, everywhere, button, held, PLAIN))


def by_pen(pad, corners, pressures, *, end=QPointingDevice.PointerType.Pen):
    """Draw one stroke with the pen of a tablet, or with its other end."""
    device = QPointingDevice("pen", 1, QInputDevice.DeviceType.Stylus, end, QInputDevice.Capability.Pressure, 1, 1)
    places = path(corners)
    kinds = [QEvent.Type.TabletPress] + [QEvent.Type.TabletMove] * (len(places) - 1)
    pressures = np.interp(np.linspace(0, 1, len(places) + 1), np.linspace(0, 1, len(pressures)), pressures)
    for kind, place, pressure in zip(
        [*kinds, QEvent.Type.TabletRelease], [*places, places[-1]], pressures, strict=True
    ):
        at = pixel(pad, place)
        everywhere, up = QPointF(pad.mapToGlobal(at.toPoint())), kind == QEvent.Type.TabletRelease
        event = QTabletEvent(kind, device, at, everywhere, pressure, 0, 0, 0, 0, 0, PLAIN, LEFT, NONE if up else LEFT)
        QApplication.sendEvent(pad, event)
        assert event.isAccepted()  # Qt repeats an ignored event as a mouse event


@pytest.mark.slow
def test_a_stroke_of_the_mouse_is_encoded_and_is_one_step_of_undo(qtbot, window, page, panel):
    by_mouse(panel.pad, CORNERS)
    settle(qtbot, window)
    (stroke,) = page.store.document.input.strokes
    np.testing.assert_allclose([point[:2] for point in stroke.points], path(CORNERS), atol=0.02)
    assert {point[2] for point in stroke.points} == {FIRM}
    assert page.store.stack.count() == 1
    seen = page.view.scene.get(encoding).image
    mean, _ = page.store.document.loaded_model.vae.encode(seen.pixels[None] / np.float32(255))
    np.testing.assert_array_equal(seen.mean, mean[0])
    np.testing.assert_array_equal(page.view.panel(Plane).plot.spread.outlines.mean, mean[0])
    np.testing.assert_array_equal(panel.input.ink, seen.ink)
    page.store.stack.undo()
    assert page.store.document == Latent()
    assert panel.pad.strokes == ()


@pytest.mark.slow
def test_each_stroke_is_undone_by_itself(page, panel):
    by_mouse(panel.pad, CORNERS)
    by_mouse(panel.pad, [(0.3, 0.5), (0.6, 0.5)])
    assert len(page.store.document.input.strokes) == 2
    page.store.stack.undo()
    assert len(page.store.document.input.strokes) == 1
    by_mouse(panel.pad, [(0.3, 0.6), (0.6, 0.6)])
    assert len(page.store.document.input.strokes) == 2
    assert page.store.stack.count() == 2


@pytest.mark.slow
def test_the_pressure_of_the_pen_is_stored(page, panel):
    by_pen(panel.pad, CORNERS, [0.1, 0.9])
    (stroke,) = page.store.document.input.strokes
    pressures = [point[2] for point in stroke.points]
    assert pressures[0] == pytest.approx(0.1, abs=1e-3)
    assert pressures == sorted(pressures)
    assert pressures[-1] > 0.7
    assert stroke.reach[-1] > 2 * stroke.reach[0]


@pytest.mark.slow
def test_the_other_end_of_the_pen_and_the_command_erase(qtbot, window, page, panel):
    by_pen(panel.pad, [(0.2, 0.5), (0.8, 0.5)], [0.5])
    by_pen(panel.pad, [(0.5, 0.4), (0.5, 0.6)], [0.5], end=QPointingDevice.PointerType.Eraser)
    assert [stroke.erases for stroke in page.store.document.input.strokes] == [False, True]
    run(window, ERASER)
    assert panel.pen.editors["eraser"].box.isChecked()
    by_mouse(panel.pad, [(0.3, 0.4), (0.3, 0.6)])
    assert page.store.document.input.strokes[-1].erases
    settle(qtbot, window)
    assert page.view.scene.get(encoding).image.pixels[14, :4].max() == 0


@pytest.mark.slow
def test_there_is_nothing_to_erase_on_an_empty_pad(window, page, panel):
    panel.pen.editors["eraser"].box.click()
    before = page.store.document
    assert before[SketchPadSettings].eraser
    by_mouse(panel.pad, CORNERS)
    assert page.store.document is before
    assert window.banner.text.text() == NOTHING


@pytest.mark.slow
def test_the_width_is_chosen(page, panel):
    combo = panel.pen.editors["pen"].combo
    combo.setCurrentText("Thick")
    combo.activated.emit(combo.currentIndex())
    by_mouse(panel.pad, CORNERS)
    assert page.store.document.input.strokes[0].width == WIDTHS["Thick"]


@pytest.mark.slow
def test_clearing_is_undone(qtbot, page, panel):
    by_mouse(panel.pad, CORNERS)
    drawn = page.store.document
    qtbot.mouseClick(panel.clear, LEFT)
    assert page.store.document.input == Blank()
    page.store.stack.undo()
    assert page.store.document == drawn
    assert panel.pad.strokes == drawn.input.strokes


@pytest.mark.slow
def test_drawing_replaces_an_image_that_was_selected(window, page, panel):
    change(window, Latent.with_input, FromData(7))
    by_mouse(panel.pad, CORNERS)
    assert isinstance(page.store.document.input, Sketch)
    page.store.stack.undo()
    assert page.store.document.input == FromData(7)


@pytest.mark.slow
def test_a_full_pad_is_explained_and_stays_unchanged(window, page, panel):
    full = Sketch()
    for _ in range(MOST):
        full = full.begin((0.5, 0.5, FIRM), 0.08)
    change(window, Latent.with_input, full)
    by_mouse(panel.pad, CORNERS)
    assert page.store.document.input is full
    assert "The sketch is full" in window.banner.text.text()


@pytest.mark.slow
def test_undoing_under_the_pen_ends_the_stroke(page, panel):
    by_mouse(panel.pad, [(0.3, 0.5), (0.6, 0.5)])
    panel.pad.put_down.emit(0.3, 0.3, FIRM, False)
    page.store.stack.undo()
    document = page.store.document
    panel.pad.drawn.emit(0.6, 0.6, FIRM)
    assert page.store.document is document


@pytest.mark.slow
def test_the_plane_follows_with_the_first_scene(qtbot, window, page, panel):
    """The first scene of an edit contains q and the complete mosaic; later scenes contain the slow values."""
    by_mouse(panel.pad, CORNERS)
    settle(qtbot, window)
    document = page.store.document
    further = draw_samples(document.with_input(document.input.begin((0.5, 0.5, FIRM), 0.08)))
    wanted = {samples: ANYWHERE, encoding: ANYWHERE, mosaic: page.view.panel(Plane).plot.shown}
    first = next(Scheduler().unfold(further, wanted))
    assert first.get(encoding).outlines is not None
    assert first.get(mosaic) is page.view.scene.get(mosaic)
    assert samples not in first


@pytest.mark.slow
def test_the_pad_shows_its_strokes(qtbot, window, panel):
    by_mouse(panel.pad, CORNERS)
    settle(qtbot, window)
    image = panel.pad.grab().toImage()
    on, off = (image.pixelColor(pixel(panel.pad, place).toPoint()).lightness() for place in ((0.5, 0.2), (0.3, 0.7)))
    assert on < 60
    assert off > 200


def test_a_low_panel_leaves_the_room_of_its_words_to_the_pad(qtbot, qapp):
    panel, area = SketchPad(), QScrollArea()
    qtbot.addWidget(area)
    area.setWidget(panel)
    area.setWidgetResizable(True)
    area.show()
    line = panel.fontMetrics().height()
    for lines, is_shown in ((LOW + 7, True), (LOW - 2, False), (LOW + 7, True)):
        area.resize(40 * line, lines * line)
        QApplication.processEvents()
        assert panel.how.isVisible() == is_shown
