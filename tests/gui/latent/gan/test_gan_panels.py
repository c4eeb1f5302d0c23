"""The panels about the GAN in the real window: both images at one z, one viewport, the controls, and the reasons."""

import msgspec
import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from engine.derived import Scene
from engine.latent.document import Latent
from engine.latent.gan.discriminator import verdicts
from engine.latent.gan.gan import NO_GAN, REFUSALS, GanSettings, gan_plane, with_gan
from engine.latent.gan.gan_training import COLLAPSES
from engine.latent.gan.projection import projection
from engine.latent.inputs.input import FromData
from engine.latent.model_source import Trained
from engine.latent.plane.decoded_image import middle
from engine.latent.probes import LatentPlace
from engine.latent.training.process import Report
from engine.latent.vae.gan.curves import StepScores
from engine.latent.vae.gan_recipe import NO_VAE, GanRecipe
from engine.latent.vae.recipe import Recipe
from engine.plane import Viewport
from gui.latent.gan.discriminator import WARNING, Discriminator
from gui.latent.gan.gan import DIFFERENCE, PROJECTION, Gan
from gui.latent.gan.gan_trainer import PAUSE, START, STEP_D, STOP, GanTrainer
from gui.latent.gan.gan_training import COLLAPSE, NO_SCORES, USUAL, GanTraining
from gui.latent.plane.plane import Plane
from gui.latent.training import workshop
from tests.gui.acting import commit
from tests.gui.conftest import settle
from tests.gui.latent.acting import run

SCORES = (  # the scores of a row of StepScores, in its order
    *("Precision", "Recall", "Density", "Coverage", "Fréchet distance"),
    *("Edge per ink", "Grey pixels", "KL of the classes"),
)


@pytest.fixture
def window(open_window):
    return open_window("latent")


@pytest.fixture
def view(window):
    return window.page.view


@pytest.mark.parametrize("kind", [Gan, Discriminator])
def test_the_mouse_pins_moves_and_removes_latents_as_on_the_plane(qtbot, kind):
    panel = kind()
    qtbot.addWidget(panel)
    panel.echo(Latent())
    assert panel.place_at(0.5, -1.0) == LatentPlace(0.5, -1.0)
    pinned = panel.click(0.5, -1.0)
    assert pinned.document.pins == ((0.5, -1.0),)
    panel.echo(pinned.document)
    assert panel.drag(0, -2.0, 0.25, object()).document.pins == ((-2.0, 0.25),)
    assert panel.remove(0).document.pins == ()


def test_the_reasons_of_the_gan_need_no_scrolling_in_a_small_window(qtbot):
    panel = Gan()
    qtbot.addWidget(panel)
    panel.echo(Latent())
    panel._show_absent(False)
    panel.resize(639, 279)  # of a window of 1280 × 720
    panel.show()
    panel.words.say("z = (0.123, −0.456)")
    for question in REFUSALS:
        panel.question.setCurrentText(question)
        panel._on_question()
        QApplication.processEvents()
        assert panel.side.verticalScrollBar().maximum() == 0, question


def test_the_planes_have_one_viewport_and_the_cursor_shows_both_images_and_d_the_selected_one(
    qtbot, window, view, hand
):
    panel = view.bring(Gan)
    settle(qtbot, window)
    assert not panel.parts.isHidden() and panel.absent.isHidden()
    plane = view.panel(Plane)
    assert panel.mosaic.home == plane.mosaic.home != Latent().chart.home  # test images lie far outside the prior
    panel.navigated.emit("plane", Viewport(-1, 1, -1, 1))
    settle(qtbot, window)
    seen = [one.plot.shown for one in (plane, panel)]
    assert [(v.left + v.right, v.bottom + v.top) for v in seen] == [pytest.approx((0, 0), abs=0.2)] * 2
    hand(plane.plot).move(0.3, 0.2)  # over the other plane
    qtbot.waitUntil(lambda: panel._place is not None, timeout=20_000)  # an answer under the cursor
    assert panel.vae.ink.shape == panel.gan.ink.shape == (28, 28)
    assert not np.array_equal(panel.vae.ink, panel.gan.ink)
    assert panel.difference.isHidden()
    run(window, DIFFERENCE)
    assert panel.show_difference.isChecked() and not panel.difference.isHidden()
    expected = (panel.gan.ink.astype(float) - panel.vae.ink) / 254
    np.testing.assert_allclose(panel.difference.ink, 127 + 127 * expected, atol=0.51)
    early = msgspec.structs.replace(LatentPlace(0.5, 0.2).answer(window.page.store.document), beside=None)
    view.reveal(early)  # the answer of a time at which the GAN was not loaded
    assert panel.gan.ink is None
    panel.draw(Scene(window.page.store.document, panel.drawn))
    qtbot.waitUntil(lambda: panel._place is not None, timeout=20_000)  # an answer under the cursor
    assert panel.projected.isHidden()
    commit(window, "Select", window.page.store.document.with_input(FromData(3)))
    run(window, PROJECTION)
    settle(qtbot, window)
    found = panel.drawn[projection]
    assert panel.show_projection.isChecked() and panel.projected.text().startswith(f"{found.name}: nearest at (")
    place = LatentPlace(*map(float, window.page.store.document.chart.to_place(np.array([found.z]))[0]))
    qtbot.waitUntil(lambda: panel._place == place, timeout=20_000)  # both images are those at its z
    view.probed.emit(LatentPlace(0.3, 0.2))
    qtbot.waitUntil(lambda: panel._place == LatentPlace(0.3, 0.2), timeout=20_000)
    panel.draw(
        Scene(window.page.store.document, {key: panel.drawn[key] for key in (gan_plane, middle)})
    )  # not complete
    assert not panel.projected.isHidden()
    panel.draw(Scene(window.page.store.document, panel.drawn))
    settle(qtbot, window)
    assert panel._place == LatentPlace(0.3, 0.2)  # the projection has not changed, so the cursor's images stay
    run(window, PROJECTION)
    assert not panel.show_projection.isChecked() and panel.projected.isHidden()
    panel.question.setCurrentText("posterior")
    panel._on_question()
    assert panel.reason.text() == REFUSALS["posterior"]
    _discriminator(qtbot, window, view)
    view.bring(Gan)
    _without_a_gan(qtbot, window, panel)


def _without_a_gan(qtbot, window, panel):
    """Settings with which no GAN was trained, and a model that can have none."""
    commit(window, "Change γ", with_gan(window.page.store.document, GanRecipe(gamma=3.0)))
    settle(qtbot, window)
    assert panel.absent.text() == NO_GAN and panel.parts.isHidden()
    recipe = Recipe().autoencoder()
    commit(window, "Open", window.page.store.document.with_model(Trained(recipe, 1)))
    assert START.why_not(window.page.store.document) == NO_VAE


def _discriminator(qtbot, window, view):
    """D of the selected image, and the sentence that it is no probability."""
    commit(window, "Select", window.page.store.document.with_input(FromData(3)))
    panel = view.bring(Discriminator)
    settle(qtbot, window)
    assert "no probability" in WARNING and panel.warning.text() == WARNING
    assert panel.chosen.text().startswith("test image 3, “0”: ")
    assert panel.judged.raster.pixels is not None and panel.bar.low == -panel.bar.high
    assert panel.histograms.chosen.straight[0, 0] == pytest.approx(float(panel.drawn[verdicts].chosen))


class FakeProcess:
    """A process that records what it is told."""

    def __init__(self, recipe, hear):
        self.recipe, self.hear, self.told, self.gone = recipe, hear, [], True

    def __getattr__(self, name):
        return lambda *given: self.told.append((name, *given))


def _scores(panel):
    """A score over the steps is drawn with the level of training images, and the axis says how many were scored."""
    rows = [(step, *(0.1 * k + step / 1e4 for k in range(1, 9))) for step in (0.0, 500.0, 1000.0)]
    panel.curves = msgspec.structs.replace(panel.curves, scores=StepScores(1000, (0.0, *[0.9] * 8), rows))
    captions = []
    panel.caption_changed.connect(captions.append)
    for k, name in enumerate(SCORES, 1):
        panel.curve.setCurrentText(name)
        panel._show_curves()
        np.testing.assert_allclose(panel.plot.generator.lines[0][0], 0.1 * k, err_msg=name)
    panel.curve.setCurrentText("Coverage")
    panel.curve.activated.emit(panel.curve.currentIndex())
    np.testing.assert_allclose(panel.plot.generator.lines[0], [0.4, 0.45, 0.5])
    assert panel.plot.level.straight[0, 1] == 0.9 and panel.plot._names[1] == "coverage"
    assert captions[-1] == "Coverage 0.500 after 1,000 steps, of 1,000 images each"
    panel.curves = msgspec.structs.replace(panel.curves, scores=None)
    panel._show_curves()
    assert not len(panel.plot.generator.lines) and panel.notice.text() == NO_SCORES
    panel.curve.setCurrentIndex(0)
    panel._show_curves()
    assert panel.notice.text() == ""


def test_the_controls_of_the_gan_reach_its_process_and_its_reports_the_panel(qtbot, monkeypatch, window, view):
    begun = []
    monkeypatch.setattr(workshop, "TrainingProcess", lambda *given: begun.append(FakeProcess(*given)) or begun[-1])
    panel = view.bring(GanTraining)
    settle(qtbot, window)
    assert panel.slider.isEnabled() is False and panel.curves.step == GanRecipe().steps
    _scores(panel)
    panel.form.changed.emit(GanRecipe(gamma=3.0), "γ", None)
    assert window.page.store.document[GanSettings].gan.gamma == 3.0 and panel.risks.isHidden()
    run(window, COLLAPSE)
    chosen = window.page.store.document[GanSettings].gan
    assert chosen.fresh and not chosen.gamma and not panel.risks.isHidden() and panel.risks.text() == COLLAPSES
    run(window, USUAL)
    assert window.page.store.document[GanSettings].gan == GanRecipe() and panel.risks.isHidden()
    run(window, COLLAPSE)
    panel.form.changed.emit(GanRecipe(gamma=3.0), "γ", None)
    run(window, START)
    process = begun[0]
    assert process.recipe.objective == "GAN" and process.recipe.gan.gamma == 3.0 and process.told == [("go", 0.0)]
    process.hear(Report("running", 7, 100, 0, 1.0, 640.0, 0, "A remark."))
    qtbot.waitUntil(lambda: panel.remark.text() == "A remark.")
    assert panel.words.text().startswith("step 7 of 100, 640 images/s") and panel.buttons["Stop"].isEnabled()
    panel.pace.setCurrentIndex(1)
    panel.pace.activated.emit(1)
    run(window, STEP_D)
    run(window, PAUSE)
    run(window, STOP)
    assert process.told[1:] == [("go", 0.125), ("step_alone", "D"), ("pause",), ("stop",)]
    process.hear(Report("stopped", 8, 100, 0, 1.0, 640.0, 8))
    qtbot.waitUntil(lambda: not panel.buttons["Stop"].isEnabled())
    assert not view.controller(GanTrainer).workshop.busy
    with pytest.raises(ValueError, match="No GAN is being trained"):
        view.controller(GanTrainer).stop()
