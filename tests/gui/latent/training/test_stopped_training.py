"""A stopped training beside a model from a file: the panel Training says that it can be resumed."""

from engine.derived import Scene
from engine.latent.document import Latent
from engine.latent.training.models import Standing
from engine.latent.training.training import saved_training
from gui.latent.training.training import EMPTY, STOPPED, Training


def test_a_stopped_training_is_not_denied_beside_a_model_from_a_file(qtbot):
    panel = Training()
    qtbot.addWidget(panel)
    panel.draw(Scene(Latent(), {}))
    assert panel.notice.text() == EMPTY
    panel.draw(Scene(Latent(), {saved_training: Standing(0, 20, 34, 10**6, 0.0)}))
    assert panel.notice.text() == STOPPED
    assert panel.notice.button.text() == "Resume"
    panel.draw(Scene(Latent(), {saved_training: Standing(20, 20, 93_600, 10**6, 0.0)}))
    assert panel.notice.text() == EMPTY
