"""The panel Walk in the real window: waypoints, playing, and files that Pillow reads back."""

import io
import xml.etree.ElementTree as Tree

import numpy as np
import pytest
from msgspec.structs import replace
from PIL import Image, ImageSequence
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog

from engine.latent.document import SHIPPED, Latent
from engine.latent.inputs.input import FromData
from engine.latent.model import INKS
from engine.latent.plane.walk import WalkSettings
from engine.latent.vae import load_model
from gui.latent.plane.decoded_image import DecodedImage
from gui.latent.plane.exports import Exporter, table
from gui.latent.plane.plane import Plane
from gui.latent.plane.walk import ANIMATION, BY_CLICK, FROM_PINS, PLAY, STRIP, Walk
from tests.gui.conftest import action, settle
from tests.gui.latent.acting import change, edit, run

ENDS = ((-1.0, 0.5), (1.0, 0.5))


@pytest.fixture(scope="module")
def vae():
    return load_model(SHIPPED)


@pytest.fixture
def window(open_window):
    return open_window("latent")


@pytest.fixture
def panel(qtbot, window):
    panel = window.page.view.bring(Walk)
    settle(qtbot, window)
    return panel


@pytest.fixture
def pointer(window, hand):
    return hand(window.page.view.panel(Plane).plot)


def ink(vae, z):
    return (vae.decode(np.atleast_2d(z)) * INKS + 0.5).astype(np.uint8)


def route(window):
    return window.page.store.document[WalkSettings]


def click(qtbot, button):
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def go(qtbot, window, **settings):
    change(window, Latent.with_setting, WalkSettings(**({"waypoints": ENDS, "frames": 6} | settings)))
    settle(qtbot, window)


@pytest.mark.slow
def test_clicks_add_pins_until_the_box_is_ticked(qtbot, window, panel, pointer):
    pointer.click(1.5, 1.5)
    click(qtbot, panel.by_click.editors["by_click"].box)
    pointer.click(-1.0, 0.5)
    pointer.click(1.0, 0.5)
    settle(qtbot, window)
    assert len(window.page.store.document.pins) == 1
    np.testing.assert_allclose(route(window).waypoints, ENDS, atol=0.02)
    window.page.view.bring(Walk)
    settle(qtbot, window)
    np.testing.assert_array_equal(panel.walked.z[[0, -1]], route(window).waypoints)


@pytest.mark.slow
def test_waypoints_are_dragged_and_removed_on_the_plane_and_all_is_undone(qtbot, window, panel, pointer, vae):
    before = window.page.store.document
    go(qtbot, window, by_click=True)
    plane = window.page.view.panel(Plane)
    pointer.drag((1.0, 0.5), (0.0, -1.0))
    settle(qtbot, window)
    assert route(window).waypoints[1] == pytest.approx((0.0, -1.0), abs=0.02)
    np.testing.assert_array_equal(plane.mosaic.trail.waypoints.places, route(window).waypoints)
    np.testing.assert_array_equal(plane.mosaic.trail.frames.places, panel.walked.z)
    np.testing.assert_array_equal(panel.film.ink, ink(vae, panel.walked.z))
    pointer.click(-1.0, 0.5, Qt.MouseButton.RightButton)
    settle(qtbot, window)
    assert len(route(window).waypoints) == 1
    assert len(panel.film.ink) == len(plane.mosaic.trail.frames.places) == 0
    stack = window.page.store.stack
    stack.undo()
    stack.undo()
    assert route(window).waypoints == ENDS
    stack.undo()
    assert window.page.store.document is before


@pytest.mark.slow
def test_a_command_makes_clicks_add_waypoints_and_is_ticked(window, panel):
    run(window, BY_CLICK)
    assert route(window).by_click
    assert panel.by_click.editors["by_click"].box.isChecked()
    ticked = action(window, BY_CLICK.text)
    ticked.trigger()
    assert not route(window).by_click
    assert not ticked.isChecked()


@pytest.mark.slow
def test_pins_become_waypoints_and_the_path_is_chosen_in_the_panel(qtbot, window, panel):
    run(window, FROM_PINS)
    assert "needs two pins" in window.banner.text.text()
    edit(window, replace(window.page.store.document, pins=((0.0, 0.0), (1.0, 1.0), (2.0, 0.0))))
    window.page.view.bring(Walk)
    panel.of_pins.trigger()
    combo = panel.form.editors["path"].combo
    combo.setCurrentText("Spherical")
    combo.activated.emit(combo.currentIndex())
    settle(qtbot, window)
    assert route(window).waypoints == window.page.store.document.pins
    assert route(window).path == "spherical"


@pytest.mark.slow
def test_a_path_between_two_encoded_images(qtbot, window, panel, vae):
    view = window.page.view
    test = Latent().loaded_model.vae.card.recipe.data.test()
    means, _ = vae.encode(test.pixels[[3, 8]] / np.float32(255))
    assert not panel.starts.isEnabled()
    for index, end in ((3, panel.starts), (8, panel.ends)):
        change(window, Latent.with_input, FromData(index))
        view.bring(Walk)
        settle(qtbot, window)
        end.trigger()
        settle(qtbot, window)
    np.testing.assert_allclose(route(window).waypoints, means, atol=1e-5)
    np.testing.assert_allclose(panel.walked.z[[0, -1]], means, atol=1e-5)


@pytest.mark.slow
def test_playing_rings_each_frame_and_decodes_it_large(qtbot, window, panel, vae):
    go(qtbot, window)
    click(qtbot, panel.play)
    assert panel.timer.isActive()
    panel.timer.setInterval(10**6)  # the test emits the timeouts
    for frame in (1, 2, 3, 4, 5, 0):
        panel.timer.timeout.emit()
        settle(qtbot, window)
        assert panel.frame == panel.film.current == panel.slider.value() == frame
        here = window.page.view.panel(Plane).mosaic.here.places
        np.testing.assert_allclose(here, panel.walked.places[[frame]])
        np.testing.assert_array_equal(window.page.view.panel(DecodedImage).picture.ink, ink(vae, here)[0])
    click(qtbot, panel.play)
    assert not panel.timer.isActive()


@pytest.mark.slow
def test_playing_stops_behind_a_tab_and_without_waypoints(qtbot, window, panel):
    go(qtbot, window)
    panel.play_or_halt()
    window.page.view.docks["Samples"].raise_()
    qtbot.waitUntil(lambda: not panel.timer.isActive())
    window.page.view.bring(Walk)
    panel.play_or_halt()
    assert panel.timer.isActive()
    panel.clear.trigger()
    settle(qtbot, window)
    assert not panel.timer.isActive()
    run(window, PLAY)
    assert "needs two waypoints" in window.banner.text.text()


@pytest.mark.slow
def test_a_frame_is_chosen_by_the_mouse_the_keys_and_the_slider(qtbot, window, panel):
    go(qtbot, window)
    qtbot.mouseClick(panel.film, Qt.MouseButton.LeftButton, pos=panel.film.square(2).center())
    assert panel.frame == 2
    qtbot.keyClick(panel.film, Qt.Key.Key_Right)
    assert panel.frame == 3
    panel.slider.setValue(5)
    assert panel.film.current == 5
    settle(qtbot, window)


def save(qtbot, monkeypatch, window, panel, path, command):
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    run(window, command)
    qtbot.waitUntil(lambda: window.page.view.controller(Exporter).line.idle, timeout=30_000)


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".gif", ".png", ".webp"])
def test_the_animation_contains_every_frame_as_it_is_on_the_screen(qtbot, monkeypatch, tmp_path, window, panel, suffix):
    go(qtbot, window, path="spherical")
    path = tmp_path / f"walk{suffix}"
    save(qtbot, monkeypatch, window, panel, path, ANIMATION)
    with Image.open(path) as image:
        frames = [np.asarray(frame.convert("RGB")) for frame in ImageSequence.Iterator(image)]
    assert len(frames) == 6
    assert frames[0].shape == (224, 224, 3)
    small = np.stack(frames)[:, 4::8, 4::8]
    vae = window.page.store.document.loaded_model.vae
    np.testing.assert_array_equal(small, table()[ink(vae, panel.walked.z)])
    assert panel.progress.words.text() == f"walk{suffix} was saved."


@pytest.mark.slow
def test_the_strip_as_png_and_svg(qtbot, monkeypatch, tmp_path, window, panel, vae):
    go(qtbot, window)
    save(qtbot, monkeypatch, window, panel, tmp_path / "walk.png", STRIP)
    with Image.open(tmp_path / "walk.png") as image:
        pixels = np.asarray(image.convert("RGB"))
    assert pixels.shape == (112, 6 * 112, 3)
    np.testing.assert_array_equal(pixels[2::4, 2:112:4], table()[ink(vae, ENDS[0])[0]])
    save(qtbot, monkeypatch, window, panel, tmp_path / "walk.svg", STRIP)
    root = Tree.fromstring((tmp_path / "walk.svg").read_bytes())
    assert sum(node.tag.endswith("image") for node in root) == 6


@pytest.mark.slow
def test_the_reason_is_shown_if_a_file_cannot_be_written(qtbot, monkeypatch, tmp_path, window, panel):
    run(window, STRIP)
    assert "needs two waypoints" in window.banner.text.text()
    go(qtbot, window)
    save(qtbot, monkeypatch, window, panel, tmp_path / "nowhere" / "walk.gif", ANIMATION)
    assert "walk.gif cannot be written" in window.banner.text.text()


@pytest.mark.slow
def test_the_dialog_adds_the_ending_and_remembers_folder_and_format(qtbot, monkeypatch, tmp_path, window, panel):
    go(qtbot, window)
    asked = []

    def choose(parent, title, proposed, kinds, kind):
        asked.append((proposed, kind))
        return str(tmp_path / "mine"), "Animated PNG (*.png)"

    monkeypatch.setattr(QFileDialog, "getSaveFileName", choose)
    for _ in range(2):
        (tmp_path / "mine.png").unlink(missing_ok=True)
        run(window, ANIMATION)
        qtbot.waitUntil(lambda: window.page.view.controller(Exporter).line.idle, timeout=30_000)
    assert (tmp_path / "mine.png").read_bytes().startswith(b"\x89PNG")
    assert asked[1] == (str(tmp_path / "walk.gif"), "Animated PNG (*.png)")


@pytest.mark.slow
def test_a_file_has_the_colours_of_a_dark_window(qtbot, monkeypatch, tmp_path, window, panel):
    go(qtbot, window)
    window.appearance.use("dark")
    save(qtbot, monkeypatch, window, panel, tmp_path / "walk.gif", ANIMATION)
    with Image.open(io.BytesIO((tmp_path / "walk.gif").read_bytes())) as image:
        corner = image.convert("RGB").getpixel((0, 0))
    assert max(corner) < 64
