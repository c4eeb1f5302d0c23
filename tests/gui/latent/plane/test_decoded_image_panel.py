"""The panel Decoded image never shows an image of a model that is no longer open."""

import numpy as np
import pytest
from msgspec.structs import replace

from engine.derived import Scene
from engine.latent.charts import EqualProbability, Linear
from engine.latent.document import Latent
from engine.latent.plane.decoded_image import middle
from engine.latent.probes import Answer, LatentPlace
from engine.latent.vae.likelihoods import Bernoulli
from engine.latent.vae.networks.checkpoint import rounded, save_model
from gui.latent.plane.decoded_image import EMPTY, DecodedImage
from gui.page.jobs import Failure
from gui.widgets.notice import LOADING
from tests.engine.latent.vae.tiny import tiny

ANSWER = Answer(LatentPlace(0.5, 0.5), (0.0, 0.0), np.full((28, 28), 9, np.uint8), -1.84, "3", 0.02, "P(ink)")
OTHER = Latent().with_model("smile-turn")


@pytest.fixture
def panel(qtbot):
    panel = DecodedImage()
    qtbot.addWidget(panel)
    panel.appear(True)
    panel.echo(Latent())
    panel.reveal(ANSWER)
    return panel


def test_an_image_stays_when_the_mouse_leaves_and_goes_with_its_model(panel):
    panel.reveal(None)
    panel.echo(Latent().pin((1.0, 0.0)))
    assert panel.picture.ink is ANSWER.ink
    assert not panel.notice.text()
    panel.echo(OTHER)
    assert panel.picture.ink is None
    assert panel.answer is None
    assert panel.notice.text() == LOADING  # no advice that cannot be followed yet
    panel.fail(Failure("There is no such model.", ""))
    assert panel.notice.text() == EMPTY
    assert not any(line.text() for line in (panel.place_words, panel.prior_words, panel.nearest_words))


def test_the_veil_alone_says_that_the_image_of_another_model_is_computed(panel):
    panel.reveal(None)
    panel.drawn = {middle: ANSWER}
    panel.echo(OTHER)
    assert panel.picture.ink is None and not panel.notice.text()
    assert not panel.is_current(OTHER)  # so the veil falls
    panel.fail(Failure("There is no such model.", ""))
    assert panel.notice.text() == EMPTY


def test_an_image_goes_also_when_the_model_changes_while_the_page_is_hidden(panel):
    panel.appear(False)  # the page does not tell a hidden panel that the probe has ended
    panel.appear(True)
    panel.echo(OTHER)
    assert panel.picture.ink is None


def test_a_live_probe_keeps_the_image_until_its_next_answer(panel):
    panel.echo(OTHER)
    assert panel.picture.ink is ANSWER.ink


def test_without_a_probe_the_panel_shows_the_middle_of_the_open_model(panel):
    other = replace(ANSWER, ink=np.full((28, 28), 3, np.uint8))
    panel.draw(Scene(Latent(), {middle: other}))
    assert panel.picture.ink is ANSWER.ink  # the image under the cursor
    panel.reveal(None)
    panel.echo(OTHER)
    panel.draw(Scene(OTHER, {middle: other}))
    assert panel.picture.ink is other.ink and not panel.is_live
    panel.reveal(ANSWER)
    assert panel.picture.ink is ANSWER.ink


def test_a_scene_of_the_model_before_that_arrives_late_is_not_shown(panel):
    late, wanted = Scene(OTHER, values={middle: ANSWER}), replace(ANSWER, ink=np.full((28, 28), 3, np.uint8))
    panel.reveal(None)
    panel.echo(OTHER)
    panel.echo(Latent())
    panel.draw(late)
    assert panel.picture.ink is None
    panel.draw(Scene(Latent(), values={middle: wanted}))
    assert panel.picture.ink is wanted.ink


@pytest.mark.parametrize("chart", [EqualProbability(), Linear()])
def test_the_middle_is_the_image_of_the_latent_0(tmp_path, chart):
    path, vae = tmp_path / "tiny.safetensors", tiny(Bernoulli(), shape=(28, 28))
    save_model(path, rounded(vae.networks), vae.card)
    document = Latent(model=str(path), chart=chart)
    answer = middle(document)
    np.testing.assert_allclose(answer.z, 0, atol=1e-12)
    np.testing.assert_array_equal(answer.ink, document.loaded_model.decode(np.zeros((1, 2)))[0])
