"""The Walk panel through the real window: waypoints, playing, and files that Pillow reads back."""

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
from gui.latent.plane.decoded_image import DecodedPicture
from gui.latent.plane.exports import table
from gui.latent.plane.plane import Plane
from gui.latent.plane.walk import Walk
from tests.gui.conftest import settle

ENDS = ((-1.0, 0.5), (1.0, 0.5))


@pytest.fixture(scope="module")
def vae():
    return load_model(SHIPPED)


@pytest.fixture
def window(open_window):
    return open_window("latent")


@pytest.fixture
def panel(qtbot, window):
    made = window.page.view.bring(Walk)
    settle(qtbot, window)
    return made


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
    walk = WalkSettings(**({"waypoints": ENDS, "frames": 6} | settings))
    window.page.view.edit("Walk", window.page.store.document.with_setting(walk))
    settle(qtbot, window)


def test_clicks_are_pins_until_they_are_waypoints(qtbot, window, panel, pointer):
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


def test_from_the_pins_and_the_other_way_of_choosing_a_path(qtbot, window, panel):
    document = window.page.store.document
    window.page.view.edit("Pins", replace(document, pins=((0.0, 0.0), (1.0, 1.0), (2.0, 0.0))))
    window.page.view.bring(Walk)
    panel.of_pins.trigger()
    combo = panel.form.editors["path"].combo
    combo.setCurrentText("Spherical")
    combo.activated.emit(combo.currentIndex())
    settle(qtbot, window)
    assert route(window).waypoints == window.page.store.document.pins
    assert route(window).path == "spherical"


def test_between_two_encoded_images(qtbot, window, panel, vae):
    view = window.page.view
    test = Latent().manifold.vae.card.recipe.data.test()
    means, _ = vae.encode(test.pixels[[3, 8]] / np.float32(255))
    assert not panel.starts.isEnabled()
    for index, action in ((3, panel.starts), (8, panel.ends)):
        view.edit("Choose", window.page.store.document.with_input(FromData(index)))
        view.bring(Walk)
        settle(qtbot, window)
        action.trigger()
        settle(qtbot, window)
    np.testing.assert_allclose(route(window).waypoints, means, atol=1e-5)
    np.testing.assert_allclose(panel.walked.z[[0, -1]], means, atol=1e-5)


def test_playing_goes_from_frame_to_frame_rings_it_and_decodes_it_large(qtbot, window, panel, vae):
    go(qtbot, window)
    click(qtbot, panel.play)
    assert panel.timer.isActive()
    panel.timer.setInterval(10**6)  # the test beats the time
    for frame in (1, 2, 3, 4, 5, 0):
        panel.timer.timeout.emit()
        settle(qtbot, window)
        assert panel.frame == panel.film.current == panel.slider.value() == frame
        here = window.page.view.panel(Plane).mosaic.here.places
        np.testing.assert_allclose(here, panel.walked.places[[frame]])
        np.testing.assert_array_equal(window.page.view.panel(DecodedPicture).picture.ink, ink(vae, here)[0])
    click(qtbot, panel.play)
    assert not panel.timer.isActive()


def test_it_stands_still_behind_a_tab_and_without_waypoints(qtbot, window, panel):
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
    window.actions_made.action("play_walk").trigger()
    assert "needs two waypoints" in window.banner.text.text()


def test_a_frame_is_chosen_by_the_mouse_the_keys_and_the_slider(qtbot, window, panel):
    go(qtbot, window)
    qtbot.mouseClick(panel.film, Qt.MouseButton.LeftButton, pos=panel.film.square(2).center())
    assert panel.frame == 2
    qtbot.keyClick(panel.film, Qt.Key.Key_Right)
    assert panel.frame == 3
    panel.slider.setValue(5)
    assert panel.film.current == 5
    settle(qtbot, window)


def save(qtbot, monkeypatch, window, panel, path, verb):
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    window.actions_made.action(verb).trigger()
    qtbot.waitUntil(lambda: window.page.view.exports.line.idle, timeout=30_000)


@pytest.mark.parametrize("suffix", [".gif", ".png", ".webp"])
def test_the_animation_holds_every_frame_as_it_is_on_the_screen(qtbot, monkeypatch, tmp_path, window, panel, suffix):
    go(qtbot, window, path="spherical")
    path = tmp_path / f"walk{suffix}"
    save(qtbot, monkeypatch, window, panel, path, "export_walk_animation")
    with Image.open(path) as image:
        frames = [np.asarray(frame.convert("RGB")) for frame in ImageSequence.Iterator(image)]
    assert len(frames) == 6
    assert frames[0].shape == (224, 224, 3)
    small = np.stack(frames)[:, 4::8, 4::8]
    vae = window.page.store.document.manifold.vae
    np.testing.assert_array_equal(small, table()[ink(vae, panel.walked.z)])
    assert panel.progress.words.text() == f"walk{suffix} is written."


def test_the_strip_as_png_and_svg(qtbot, monkeypatch, tmp_path, window, panel, vae):
    go(qtbot, window)
    save(qtbot, monkeypatch, window, panel, tmp_path / "walk.png", "export_walk_strip")
    with Image.open(tmp_path / "walk.png") as image:
        pixels = np.asarray(image.convert("RGB"))
    assert pixels.shape == (112, 6 * 112, 3)
    np.testing.assert_array_equal(pixels[2::4, 2:112:4], table()[ink(vae, ENDS[0])[0]])
    save(qtbot, monkeypatch, window, panel, tmp_path / "walk.svg", "export_walk_strip")
    root = Tree.fromstring((tmp_path / "walk.svg").read_bytes())
    assert sum(node.tag.endswith("image") for node in root) == 6


def test_what_cannot_be_written_is_said_in_a_sentence(qtbot, monkeypatch, tmp_path, window, panel):
    window.actions_made.action("export_walk_strip").trigger()
    assert "needs two waypoints" in window.banner.text.text()
    go(qtbot, window)
    save(qtbot, monkeypatch, window, panel, tmp_path / "walk.mp4", "export_walk_animation")
    assert "must end in .gif or .png or .webp" in window.banner.text.text()
    save(qtbot, monkeypatch, window, panel, tmp_path / "nowhere" / "walk.gif", "export_walk_animation")
    assert "walk.gif cannot be written" in window.banner.text.text()
    assert list(tmp_path.glob("*.mp4")) == []


def test_the_colours_of_a_dark_window_are_kept(qtbot, monkeypatch, tmp_path, window, panel):
    go(qtbot, window)
    window._on_appearance("dark")
    save(qtbot, monkeypatch, window, panel, tmp_path / "walk.gif", "export_walk_animation")
    with Image.open(io.BytesIO((tmp_path / "walk.gif").read_bytes())) as image:
        corner = image.convert("RGB").getpixel((0, 0))
    assert max(corner) < 64
