"""The first sights: what each tab shows at the first start, without a click."""

import time

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from engine.latent.charts import EqualProbability
from engine.latent.first_sight import AMBIGUOUS
from engine.latent.first_sight import first_sight as latent_first_sight
from engine.latent.inputs.input import FromData
from engine.latent.plane.samples import AT_ONCE
from engine.regression.data_space import DataSpaceSettings
from engine.regression.first_sight import LATER, first_sight
from engine.regression.model.linear_model import inferred
from gui.latent.image.encoded_image import EncodedImage
from gui.latent.plane.plane import Plane
from gui.latent.plane.samples import Samples
from gui.latent.unboxing.completions import Completions
from gui.latent.unboxing.latent_space import Posterior, Prior
from gui.page.panel_area import PanelArea
from gui.page.store import Edit
from gui.pages import page_kind
from gui.shell.settings import Settings
from gui.window import Window
from tests.gui.conftest import settle


@pytest.fixture(scope="module")
def first_window(tmp_path_factory, qapp):
    """The window of the program as a new user sees it."""
    window = Window(Settings(tmp_path_factory.mktemp("settings")), "latent")
    window.resize(1280, 720)
    window.show()
    last = time.monotonic() + 60
    while not (window.page.view.scene and window.page.idle and len(window.pages) == 2) and time.monotonic() < last:
        QApplication.processEvents()
    yield window
    window.close()
    window.deleteLater()


def test_the_line_starts_with_two_of_twenty_observations_near_the_truth():
    document = first_sight()
    assert (document.step, len(document.observations)) == (2, 2 + LATER)
    assert not document[DataSpaceSettings].show_waiting
    for step in range(2, 3 + LATER):  # the true weights are inside the 95 % outline at every step
        weights = inferred(document.model, document.step_to(step).taken).weights
        off = np.array([-0.3, 0.5]) - weights.mean
        assert off @ np.linalg.solve(weights.covariance, off) < 5.99


def test_every_page_has_a_first_sight_and_file_new_has_none():
    assert page_kind("regression").first() == first_sight()
    assert page_kind("latent").new().input != page_kind("latent").first().input


@pytest.mark.slow
def test_the_latent_tab_shows_tiles_labels_and_samples(qtbot, first_window):
    first_window.show_page("latent")
    settle(qtbot, first_window)
    view = first_window.page.view
    plane, encoded = view.panel(Plane), view.panel(EncodedImage)
    assert isinstance(first_window.page.store.document.chart, EqualProbability)
    shown = plane.mosaic.names
    assert sorted(shown.texts) == [str(digit) for digit in range(10)]
    assert np.all((shown.places > 0) & (shown.places < 1))
    assert not len(plane.mosaic.landed.places)
    assert len(view.panel(Samples).strip.ink) == len(plane.mosaic.samples.places) == AT_ONCE
    assert EncodedImage.title in view.seen_titles
    assert encoded.encoded is not None


@pytest.mark.slow
def test_the_exact_posterior_tab_frames_both_modes(qtbot, first_window):
    first_window.show_page("unboxing")
    view = first_window.page.view
    view.edited.emit(Edit("First sight", latent_first_sight()))
    QApplication.processEvents()
    settle(qtbot, first_window)
    document = first_window.page.store.document
    assert document.input == FromData(AMBIGUOUS)
    panel, shown = view.panel(Posterior), view.panel(Posterior).plot.shown
    modes, wide = panel.planes.modes, shown.right - shown.left
    assert len(modes) == 2
    assert 0.2 < np.hypot(*(modes[0] - modes[1])) / wide < 0.6
    for x, y in modes:
        assert shown.left + 0.1 * wide < x < shown.right - 0.1 * wide
        assert shown.bottom + 0.1 * wide < y < shown.top - 0.1 * wide
    for kind in (Prior, Posterior):
        plot = view.panel(kind).plot
        assert plot.inset.is_shown(plot._transform())
    assert Completions.title in view.seen_titles
    assert panel.heatmap.raster.pixels is not None


@pytest.mark.proof
def test_a_viewport_that_the_user_has_chosen_stays_until_another_image_is_selected(qtbot, first_window):
    first_window.show_page("unboxing")
    settle(qtbot, first_window)
    page = first_window.page
    plot = page.view.panel(Posterior).plot
    plot.zoom(3.0)
    chosen = plot.shown
    page.store.commit(Edit("Step", page.store.document.step_to(0)))
    settle(qtbot, first_window)
    assert plot.shown == chosen
    page.store.commit(Edit("Select", page.store.document.step_to(1).with_input(FromData(7))))
    settle(qtbot, first_window)
    assert plot.shown.right - plot.shown.left < chosen.right - chosen.left


@pytest.mark.slow
@pytest.mark.parametrize("title", ["Encoder and decoder", "Sketch pad", "Attribute arithmetic"])
def test_panels_do_not_scroll_without_need(qtbot, first_window, title):
    first_window.show_page("latent")
    view = first_window.page.view
    panel = view.bring(next(kind for kind in view.kinds if kind.title == title))
    settle(qtbot, first_window)
    qtbot.wait(200)
    area = next(area for area in first_window.findChildren(PanelArea) if area.panel is panel)
    assert area.verticalScrollBar().maximum() == 0
