"""Training, Models and Encoded image without a window: which buttons are enabled, and what the panels say."""

import numpy as np
import pytest
from msgspec.structs import replace

from engine.derived import Scene
from engine.latent.datasets.folder import Folder
from engine.latent.document import Latent
from engine.latent.inputs.input import FromData
from engine.latent.model_source import Trained
from engine.latent.observations.half import Half
from engine.latent.training.models import entries
from engine.latent.training.process import Report
from engine.latent.training.training import Learning, learning, saved_training
from engine.latent.vae.recipe import Recipe
from gui.latent.gan.gan_training import in_words as in_words_of_gan
from gui.latent.image.encoded_image import EncodedImage
from gui.latent.training.models import in_words
from gui.latent.training.trainer import IDLE, News, Trainer
from gui.latent.training.training import Training, progress_of


@pytest.fixture
def panel(qtbot):
    panel = Training()
    qtbot.addWidget(panel)
    return panel


def test_pause_and_stop_are_enabled_only_while_a_training_runs(panel):
    assert not panel.pause.isEnabled() and not panel.stop.isEnabled()
    panel.hear(News(Report("running", steps=10), False))
    assert panel.pause.isEnabled() and panel.stop.isEnabled()
    panel.hear(News(Report("stopped", steps=10), False))
    assert not panel.pause.isEnabled() and not panel.stop.isEnabled()


def test_a_stop_without_a_training_is_refused(qtbot):
    trainer = Trainer(None)
    for action in (trainer.stop, trainer.pause):
        with pytest.raises(ValueError, match=IDLE):
            action()
    trainer.workshop.close()


def test_a_trained_model_can_be_continued_and_the_caption_names_its_images(panel):
    panel.echo(Latent())
    assert panel.longer.isHidden()
    document = Latent(model=Trained(Recipe(), 5))
    panel.echo(document)
    said = []
    panel.caption_changed.connect(said.append)
    rows = np.array([[5.0, -100.0, 7.5]])
    panel.draw(Scene(document, {learning: Learning(rows, rows, (5,), 784, 1000), saved_training: None}))
    assert not panel.longer.isHidden()
    assert said[-1] == "test ELBO −107.50 nats per image, on 1,000 test images"


def test_the_list_of_models_begins_with_the_model_of_a_new_document():
    shipped = [entry.name for entry in entries() if entry.kind == "shipped"]
    assert shipped[0] == "mnist" and shipped[1:] == sorted(shipped[1:])


def test_an_unfinished_training_and_a_folder_are_named_in_the_list(tmp_path):
    entry = entries()[0]
    card = replace(entry.card, recipe=Recipe(data=Folder(str(tmp_path / "cats")), epochs=20), epochs=3)
    words = in_words(replace(entry, kind="trained here", card=card, step=70))
    assert words.startswith("Trained here: cats, ")
    assert "unfinished, after 3 epochs of 20" in words
    finished = in_words(replace(entry, kind="trained here", card=replace(card, epochs=20)))
    assert "unfinished" not in finished


def test_the_encoded_image_says_that_it_is_of_the_whole_image(qtbot):
    panel = EncodedImage()
    qtbot.addWidget(panel)
    panel.echo(Latent(input=FromData(7)))
    assert panel.note.text() == ""
    panel.echo(Latent(input=FromData(7)).with_observation(Half("bottom")))
    assert "q of the whole image" in panel.note.text() and "“One half”" in panel.note.text()


@pytest.mark.parametrize("words", [progress_of, in_words_of_gan])
def test_a_training_that_is_stopped_before_its_first_batch_has_not_failed(words):
    assert words(Report("stopped")) == "Stopped."
    assert words(Report("failed")) == "Failed."
