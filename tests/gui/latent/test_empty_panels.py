"""Empty panels: each says why it is empty, and has a button that fills it."""

import pytest

from engine.latent.document import Latent
from engine.latent.inputs.input import FromData
from engine.latent.observations.brushed import Brushed
from engine.latent.observations.grey_from_colour import NO_COLOUR, GreyFromColour
from engine.latent.observations.half import Half
from engine.latent.plane.overlays.factor_contours import FactorContours
from engine.latent.plane.overlays.overlay import with_overlay
from engine.latent.training.models import shipped_with
from engine.latent.training.training import TrainingSettings
from engine.latent.unboxing.latent_space import NO_IMAGE, NOTHING_BRUSHED, NOTHING_SEEN, nothing_observed
from engine.latent.vae.presets import COLOURED
from gui.latent.plane.overlay import OPEN_FACES, OverlayPanel
from gui.latent.plane.pinned import EMPTY, Pinned
from gui.latent.training.autoencoder import NONE, TRAIN, Autoencoder
from gui.latent.training.trainer import START
from gui.latent.training.training import Training
from gui.latent.unboxing.elbo_decomposition import OPTIMUM, ElboDecomposition
from gui.latent.unboxing.latent_space import Posterior
from gui.latent.unboxing.offers import is_coloured
from gui.pages import page_kind
from gui.plots.curves.scatters import BandsPlot
from gui.widgets.notice import Notice
from tests.gui.conftest import settle
from tests.gui.latent.acting import change, edit

NEEDS_IMAGE = {
    "Encoded image", "Encoder and decoder", "Reparameterisation", "Observed image", "Prior", "× Likelihood",
    "∝ Posterior", "Completions", "ELBO decomposition", "Ledger", "Estimating ln p(x)", "ELBO over epochs",
}  # fmt: skip
WAYS_OUT = {NO_IMAGE, NOTHING_SEEN, NOTHING_BRUSHED, NO_COLOUR}


@pytest.mark.parametrize("title", sorted(NEEDS_IMAGE))
def test_a_panel_without_an_image_or_an_observation_offers_a_way_out(qtbot, title):
    panel = next(kind for kind in page_kind("latent").panels if kind.title == title)()
    qtbot.addWidget(panel)
    offered = [notice for notice in panel.findChildren(Notice) if set(notice._offers) >= WAYS_OUT]
    assert len(offered) == 1
    with qtbot.waitSignal(panel.requested):
        offered[0].say(NOTHING_BRUSHED)
        offered[0].button.click()


def test_an_image_without_strokes_says_brush_and_not_step():
    chosen = Latent(input=FromData(7))
    assert nothing_observed(chosen.with_observation(Brushed())) == NOTHING_BRUSHED
    assert nothing_observed(chosen.with_observation(Half()).step_to(0)) == NOTHING_SEEN
    assert nothing_observed(chosen) == ""


def is_of_faces(card):
    return "Faces" in type(card.recipe.data).__name__


@pytest.mark.slow
def test_the_buttons_of_empty_panels_fill_them(qtbot, open_window, monkeypatch):
    window = open_window("latent")
    view, store = window.page.view, window.page.store
    pinned = view.bring(Pinned)
    settle(qtbot, window)
    assert pinned.notice.text() == EMPTY
    pinned.notice.button.click()
    settle(qtbot, window)
    assert store.document.pins == ((0.0, 0.0),)
    assert pinned.notice.isHidden() and len(pinned.strip.ink) == 1
    started = []
    monkeypatch.setattr(view, "run", lambda owned: started.append(owned.command))
    panel = view.bring(Autoencoder)
    settle(qtbot, window)
    assert (panel.absent.text(), panel.absent.button.text()) == (NONE, TRAIN)
    assert panel.mosaic.isHidden()
    panel.absent.button.click()
    assert started == [START] and store.document[TrainingSettings].with_autoencoder
    assert Training.title in view.seen_titles
    panel = view.bring(OverlayPanel)
    change(window, with_overlay, FactorContours())
    settle(qtbot, window)
    assert "Open a model of the generated faces" in panel.meaning.text()
    panel.faces.click()
    assert started[1:] == [OPEN_FACES]
    assert OPEN_FACES.edit(store.document).model == shipped_with(is_of_faces)
    edit(window, Latent())


def test_grey_from_colour_offers_a_model_or_a_recipe_of_coloured_images(qtbot):
    assert GreyFromColour.unavailable((28, 28)) == NO_COLOUR
    panel = Posterior()
    qtbot.addWidget(panel)
    panel.notice.say(NO_COLOUR)
    with qtbot.waitSignal(panel.requested) as asked:
        panel.notice.button.click()
    document, shipped = asked.args[0].edit(Latent()), shipped_with(is_coloured)
    assert document.model == shipped if shipped else document[TrainingSettings].recipe == COLOURED


def test_a_shipped_model_is_found_by_its_card():
    assert shipped_with(is_of_faces) in ("colour-faces", "faces", "smile-turn")
    assert shipped_with(lambda card: card.epochs < 0) == ""


@pytest.mark.slow
def test_a_command_shows_the_tab_that_has_its_panel(open_window):
    window = open_window("latent")
    optimum = next(owned for owned in window.page.view.commands if owned.command is OPTIMUM)
    here = {action.text() for action in window.page.view.panel_actions()}
    assert "Gallery" in here and ElboDecomposition.title not in here
    window.stack.run(optimum)
    assert window.stack.tabs.front == "unboxing"
    assert ElboDecomposition.title in {action.text() for action in window.page.view.panel_actions()}


def test_zooming_before_the_posterior_is_known_is_refused_with_the_right_reason(qtbot):
    panel = Posterior()
    qtbot.addWidget(panel)
    panel.echo(Latent())
    with pytest.raises(ValueError, match="No image selected"):
        panel.zoom_to_posterior()
    panel.echo(Latent(input=FromData(7)))
    with pytest.raises(ValueError, match="not computed yet"):
        panel.zoom_to_posterior()


def test_the_axis_of_the_estimates_names_the_measurements(qtbot):
    plot = BandsPlot("")
    qtbot.addWidget(plot)
    assert plot.sides["left"].labelText == "from ln p(x)"
    plot.show_symbol("s")
    assert plot.sides["left"].labelText == "from ln p(s)"
