"""The sketch pad through the real window: mouse and pen, eraser, undo, and what the model sees of it."""

from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QInputDevice, QMouseEvent, QPointingDevice, QTabletEvent
from PySide6.QtWidgets import QApplication

from engine.latent.document import Latent
from engine.latent.inputs.input import Blank, FromData
from engine.latent.inputs.sketch import MOST, Sketch
from engine.latent.inputs.stroke import FIRM, WIDTHS
from gui.latent.image.sketch_pad import NOTHING, SketchPad
from gui.latent.plane.plane import Plane
from tests.gui.conftest import settle

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
PLAIN = Qt.KeyboardModifier.NoModifier
CORNERS = [(0.3, 0.2), (0.7, 0.2), (0.45, 0.8)]  # a 7


@pytest.fixture
def window(open_window):
    return open_window("latent")


@pytest.fixture
def page(window):
    return window.page


@pytest.fixture
def panel(qtbot, window, page):
    page.view.show_sketch_pad()
    settle(qtbot, window)
    made = page.view.panel(SketchPad)
    qtbot.waitUntil(made.isVisible)
    QApplication.processEvents()
    return made


def path(corners, steps=8):
    """Places along straight lines."""
    found = [corners[0]]
    for a, b in pairwise(corners):
        found += [tuple(np.add(a, np.subtract(b, a) * k / steps)) for k in range(1, steps + 1)]
    return found


def pixel(pad, place):
    square = pad.square
    return QPointF(square.left() + place[0] * square.width(), square.top() + place[1] * square.height())


def by_mouse(pad, corners):
    """A stroke through some places."""
    places = path(corners)
    kinds = [QEvent.Type.MouseButtonPress] + [QEvent.Type.MouseMove] * (len(places) - 1)
    for kind, place in zip([*kinds, QEvent.Type.MouseButtonRelease], [*places, places[-1]], strict=True):
        at, button = pixel(pad, place), NONE if kind == QEvent.Type.MouseMove else LEFT
        held = NONE if kind == QEvent.Type.MouseButtonRelease else LEFT
        everywhere = QPointF(pad.mapToGlobal(at.toPoint()))
        QApplication.sendEvent(pad, QMouseEvent(kind, at, everywhere, button, held, PLAIN))


def by_pen(pad, corners, pressures, *, end=QPointingDevice.PointerType.Pen):
    """A stroke of a tablet's pen, or of its other end."""
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
        assert event.isAccepted()  # or it would come again as a mouse event


def test_a_stroke_of_the_mouse_is_encoded_and_is_one_step_of_undo(qtbot, window, page, panel):
    by_mouse(panel.pad, CORNERS)
    settle(qtbot, window)
    (stroke,) = page.store.document.input.strokes
    np.testing.assert_allclose([point[:2] for point in stroke.points], path(CORNERS), atol=0.02)
    assert {point[2] for point in stroke.points} == {FIRM}
    assert page.store.stack.count() == 1
    seen = page.view.scene.subject
    mean, _ = page.store.document.manifold.vae.encode(seen.pixels[None] / np.float32(255))
    np.testing.assert_array_equal(seen.mean, mean[0])
    np.testing.assert_array_equal(page.view.panel(Plane).plot.spread.outlines.mean, mean[0])
    np.testing.assert_array_equal(panel.seen.ink, seen.ink)
    page.store.stack.undo()
    assert page.store.document == Latent()
    assert panel.pad.strokes == ()


def test_each_stroke_is_undone_by_itself(page, panel):
    by_mouse(panel.pad, CORNERS)
    by_mouse(panel.pad, [(0.3, 0.5), (0.6, 0.5)])
    assert len(page.store.document.input.strokes) == 2
    page.store.stack.undo()
    assert len(page.store.document.input.strokes) == 1
    by_mouse(panel.pad, [(0.3, 0.6), (0.6, 0.6)])
    assert len(page.store.document.input.strokes) == 2
    assert page.store.stack.count() == 2


def test_the_pressure_of_a_pen_is_kept(page, panel):
    by_pen(panel.pad, CORNERS, [0.1, 0.9])
    (stroke,) = page.store.document.input.strokes
    pressures = [point[2] for point in stroke.points]
    assert pressures[0] == pytest.approx(0.1, abs=1e-3)
    assert pressures == sorted(pressures)
    assert pressures[-1] > 0.7
    assert stroke.reach[-1] > 2 * stroke.reach[0]


def test_the_other_end_of_the_pen_erases_and_so_does_the_switch(qtbot, window, page, panel):
    by_pen(panel.pad, [(0.2, 0.5), (0.8, 0.5)], [0.5])
    by_pen(panel.pad, [(0.5, 0.4), (0.5, 0.6)], [0.5], end=QPointingDevice.PointerType.Eraser)
    assert [stroke.erases for stroke in page.store.document.input.strokes] == [False, True]
    page.view.toggle_eraser()
    by_mouse(panel.pad, [(0.3, 0.4), (0.3, 0.6)])
    assert page.store.document.input.strokes[-1].erases
    settle(qtbot, window)
    assert page.view.scene.subject.pixels[14, :4].max() == 0


def test_there_is_nothing_to_erase_on_an_empty_pad(window, page, panel):
    page.view.toggle_eraser()
    by_mouse(panel.pad, CORNERS)
    assert page.store.document == Latent()
    assert window.banner.text.text() == NOTHING


def test_the_width_is_chosen(page, panel):
    panel.width_choice.setCurrentText("Thick")
    by_mouse(panel.pad, CORNERS)
    assert page.store.document.input.strokes[0].width == WIDTHS["Thick"]


def test_clearing_is_undone(qtbot, page, panel):
    by_mouse(panel.pad, CORNERS)
    drawn = page.store.document
    qtbot.mouseClick(panel.clear, LEFT)
    assert page.store.document.input == Blank()
    page.store.stack.undo()
    assert page.store.document == drawn
    assert panel.pad.strokes == drawn.subject.strokes


def test_drawing_replaces_an_image_that_was_chosen(page, panel):
    page.view.edit("Choose image", page.store.document.with_input(FromData(7)))
    by_mouse(panel.pad, CORNERS)
    assert isinstance(page.store.document.input, Sketch)
    page.store.stack.undo()
    assert page.store.document.input == FromData(7)


def test_a_full_pad_is_explained_and_stays_as_it_is(window, page, panel):
    full = Sketch()
    for _ in range(MOST):
        full = full.begin((0.5, 0.5, FIRM), 0.08)
    page.view.edit("Draw", page.store.document.with_input(full))
    by_mouse(panel.pad, CORNERS)
    assert page.store.document.input is full
    assert "The sketch is full" in window.banner.text.text()


def test_undoing_under_the_pen_ends_the_stroke(page, panel):
    by_mouse(panel.pad, [(0.3, 0.5), (0.6, 0.5)])
    panel.pad.put_down.emit(0.3, 0.3, FIRM, False)
    page.store.stack.undo()
    kept = page.store.document
    panel.pad.drawn.emit(0.6, 0.6, FIRM)
    assert page.store.document is kept


def test_the_plane_follows_with_the_first_scene(qtbot, window, page, panel):
    """What is slow comes later: the first scene of an edit has q already, and the whole mosaic."""
    by_mouse(panel.pad, CORNERS)
    settle(qtbot, window)
    document = page.store.document
    further = document.with_input(document.input.begin((0.5, 0.5, FIRM), 0.08)).draw(64)
    first = next(further.unfold({"plane": page.view.panel(Plane).plot.shown}))
    assert first.outlines is not None
    assert first.mosaic is page.view.scene.mosaic
    assert first.samples is None


def test_the_pad_shows_its_strokes(qtbot, window, panel):
    by_mouse(panel.pad, CORNERS)
    settle(qtbot, window)
    image = panel.pad.grab().toImage()
    on, off = (image.pixelColor(pixel(panel.pad, place).toPoint()).lightness() for place in ((0.5, 0.2), (0.3, 0.7)))
    assert on < 60
    assert off > 200
