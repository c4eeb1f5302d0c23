"""The panel Generated images: three rows of images, their latents in the planes, and the source of the latents."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from engine.latent.document import Latent
from engine.latent.unboxing.generated_images import GeneratedImagesSettings
from gui.latent.unboxing.generated_images import NEW_IMAGES, GeneratedImages
from gui.latent.unboxing.latent_space import Prior
from gui.plots.images.generated_rows import GeneratedRows
from gui.shell import theme
from tests.gui.conftest import settle
from tests.gui.latent.acting import edit, run


@pytest.fixture
def window(open_window):
    return open_window("unboxing")


@pytest.fixture
def panel(qtbot, window):
    panel = window.page.view.bring(GeneratedImages)
    settle(qtbot, window)
    return panel


def chosen(window):
    return window.page.store.document[GeneratedImagesSettings]


@pytest.mark.slow
def test_means_samples_and_the_nearest_training_images_are_shown(panel):
    generated = panel.generated
    assert panel.content.isVisible()
    for row, ink in zip(panel.rows.rows, (generated.mean, generated.sampled, generated.nearest.ink), strict=True):
        np.testing.assert_array_equal(row, ink)
    assert [words[2] for words in panel.rows.words] == ["memorised?" if near else "new" for near in generated.near]
    assert f"{generated.reference.median:.1f}" in panel.near_words.text()
    assert f"{generated.holes.sum()} of 8" in panel.source_words.text()


@pytest.mark.slow
def test_hovering_rings_the_latent_and_a_click_pins_it(qtbot, window, panel):
    rows, z = panel.rows, panel.generated.z
    qtbot.mouseMove(rows, rows.square(2, 1).center())
    settle(qtbot, window)
    ring = window.page.view.panel(Prior).heatmap.here.places
    np.testing.assert_allclose(ring, [z[2]])
    qtbot.mouseClick(rows, Qt.MouseButton.LeftButton, pos=rows.square(2, 1).center())
    assert window.page.store.document.pins == (tuple(z[2]),)
    qtbot.mouseMove(rows, QPoint(1, 1))
    settle(qtbot, window)
    assert rows.at is None


@pytest.mark.slow
def test_an_image_is_pinned_by_keyboard(qtbot, window, panel):
    panel.rows.setFocus()
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Left, Qt.Key.Key_Return):
        qtbot.keyClick(panel.rows, key)
    assert window.page.store.document.pins == (tuple(panel.generated.z[1]),)
    assert "2 of 8" in panel.rows.accessibleDescription()


@pytest.mark.slow
def test_an_image_with_more_than_two_latents_has_no_place_in_a_plane(qtbot, window, panel):
    edit(window, Latent(model="faces-6"))
    settle(qtbot, window)
    panel = window.page.view.bring(GeneratedImages)
    settle(qtbot, window)
    assert panel.generated.z.shape[1] == 6
    qtbot.mouseMove(panel.rows, panel.rows.square(2, 1).center())
    assert window.page.view.selection is None
    qtbot.mouseClick(panel.rows, Qt.MouseButton.LeftButton, pos=panel.rows.square(2, 1).center())
    assert window.page.store.document.pins == ()
    assert window.banner.text.text().startswith("This image has 6 latents.")


@pytest.mark.slow
def test_new_images_and_the_source_are_edits(qtbot, window, panel):
    before = panel.generated.mean
    qtbot.mouseClick(panel.new, Qt.MouseButton.LeftButton)
    settle(qtbot, window)
    assert chosen(window) == GeneratedImagesSettings(seed=2)
    assert not np.array_equal(panel.generated.mean, before)
    run(window, NEW_IMAGES)
    assert chosen(window).seed == 3
    window.page.store.stack.undo()
    window.page.store.stack.undo()
    settle(qtbot, window)
    np.testing.assert_array_equal(panel.generated.mean, before)
    panel.form.editors["source"].combo.activated.emit(1)
    settle(qtbot, window)
    assert chosen(window).source == "aggregate posterior q̄(z)"
    assert panel.source_words.text().startswith("q̄(z)")


@pytest.mark.slow
def test_an_invalid_count_is_refused(window, panel):
    editor = panel.form.editors["count"]
    editor.line.setText("25")
    editor.line.textEdited.emit("25")
    assert chosen(window).count == 8
    assert "from 1 to 24" in editor.refusal.text()


@pytest.mark.parametrize("size", [(300, 160), (900, 180), (900, 700)])
@pytest.mark.parametrize("count", [1, 8, 24])
def test_images_do_not_overlap_and_lie_inside(qtbot, size, count):
    rows = GeneratedRows("Images", ("a heading:\nmeans", "samples", "nearest"))
    qtbot.addWidget(rows)
    rows.resize(*size)
    ink = np.zeros((count, 4, 4), np.uint8)
    rows.show_rows((ink, ink, ink), (("“no smile”", "12", "memorised?"),) * count, np.zeros(count, bool))
    rows.resize(*size)
    squares = [rows.square(i, row) for i in range(count) for row in range(3)]
    for i, square in enumerate(squares):
        assert min(square.left(), square.top()) >= 0
        assert square.right() < size[0]
        assert square.bottom() + rows.fontMetrics().height() < max(size[1], rows.minimumHeight())
        assert not any(square.intersects(other) for other in squares[i + 1 :])


@pytest.mark.slow
def test_images_that_may_be_memorised_have_a_frame(panel):
    rows = panel.rows
    rows.show_rows(rows.rows, rows.words, np.array([False, True] + 6 * [False]))
    screen = rows.grab().toImage()
    frames = [screen.pixelColor(rows.square(i, 2).topLeft() - QPoint(1, -9)) for i in (0, 1)]
    assert frames[1] == theme.ink() != frames[0]


@pytest.mark.slow
def test_missing_training_images_are_explained(qtbot, window, panel, monkeypatch):
    def missing(_):
        raise ValueError("The files are missing.")

    data = type(window.page.store.document.loaded_model.vae.card.recipe.data)
    monkeypatch.setattr(data, "train", missing)
    edit(window, Latent().with_setting(GeneratedImagesSettings(seed=91)))
    settle(qtbot, window)
    assert panel.near_words.text() == "There are no training images to compare with. The files are missing."
    assert panel.rows.count == 8
