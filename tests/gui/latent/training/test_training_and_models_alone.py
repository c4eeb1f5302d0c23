"""The panels Training and Models alone: a stopped training, the veil, and the row of the model that is open."""

from engine.derived import Scene, resolve
from engine.latent.document import Latent
from engine.latent.model_source import Trained
from engine.latent.training.models import Standing, models
from engine.latent.training.training import learning, saved_training
from engine.latent.vae.recipe import Recipe
from engine.plane import Viewport
from gui.latent.training.models import Models
from gui.latent.training.training import EMPTY, READING, STOPPED, Training
from gui.page.jobs import Failure


def test_a_stopped_training_is_not_denied_beside_a_model_from_a_file(qtbot):
    panel = Training()
    qtbot.addWidget(panel)
    assert panel.notice.text() == READING
    panel.draw(Scene(Latent(), {learning: None}))
    assert panel.notice.text() == READING
    panel.draw(Scene(Latent(), {learning: None, saved_training: None}))
    assert panel.notice.text() == EMPTY
    panel.draw(Scene(Latent(), {saved_training: Standing(0, 20, 34, 10**6, 0.0)}))
    assert panel.notice.text() == STOPPED
    assert panel.notice.button.text() == "Resume"
    panel.draw(Scene(Latent(), {saved_training: Standing(20, 20, 93_600, 10**6, 0.0)}))
    assert panel.notice.text() == EMPTY


def test_trainings_that_cannot_be_read_are_not_being_read_for_ever(qtbot):
    panel = Training()
    qtbot.addWidget(panel)
    panel.fail(Failure("The disk cannot be read.", ""))
    assert panel.notice.text() == EMPTY


def test_the_curves_of_a_run_are_current_for_each_of_its_checkpoints(qtbot):
    panel = Training()
    qtbot.addWidget(panel)
    run, other = Recipe(), Recipe(seed=1)
    panel.subject = Latent().with_model(Trained(run, 10))
    assert panel.is_current(Latent().with_model(Trained(run, 20)))
    assert not panel.is_current(Latent().with_model(Trained(other, 20)))
    assert not panel.is_current(Latent())


def test_the_row_of_a_model_is_selected_when_it_is_opened_elsewhere(qtbot):
    panel = Models()
    qtbot.addWidget(panel)
    panel.echo(Latent())
    panel.draw(resolve(Latent(), {models: Viewport(0, 1, 0, 1, 1, 1)}))
    assert panel.chosen.name == "mnist"
    panel.list.setCurrentRow(3)
    panel.echo(Latent().pin((0.0, 0.0)))
    assert panel.list.currentRow() == 3  # another edit leaves the selection
    panel.echo(Latent().with_model("faces"))
    assert panel.chosen.name == "faces"
