"""Trainings that cannot start: the reason is said in one sentence, and a damaged one can be started again."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QMessageBox

from engine.latent.training.process import Report
from engine.latent.training.runs import state_path
from engine.latent.training.training import recipes_of, with_recipe
from engine.latent.vae.recipe import Recipe
from gui.latent.training import workshop as workshops
from gui.latent.training.trainer import DAMAGED_QUESTION, RESTART, START, Trainer
from gui.latent.training.workshop import Workshop
from tests.gui.latent.acting import change, run
from tests.gui.latent.gan.test_gan_panels import FakeProcess


@pytest.fixture
def full_system(monkeypatch):
    def refuse(*_):
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(workshops, "TrainingProcess", refuse)


def test_a_process_that_the_system_refuses_is_a_failed_training(qapp, full_system):
    workshop, said = Workshop(), []
    workshop.reported.connect(lambda recipe, report: said.append((recipe, report)))
    workshop.start(Recipe(), Recipe().autoencoder())
    assert [recipe for recipe, _ in said] == [Recipe(), Recipe().autoencoder()] and not workshop.busy
    assert {report for _, report in said} == {
        Report("failed", reason="The training did not start: too many programs are running.")
    }


def test_a_training_that_does_not_start_and_a_damaged_one_are_said_and_start_again(
    qtbot, open_window, full_system, monkeypatch
):
    window = open_window("latent")
    trainer = window.page.view.controller(Trainer)
    change(window, with_recipe, Recipe(seed=77))
    run(window, START)
    assert trainer._news.report.state == "failed" and not trainer.workshop.busy  # and not “loading” for ever
    state = state_path(recipes_of(window.page.store.document)[0])
    state.parent.mkdir(parents=True)
    state.write_bytes(b"abc")
    begun = []
    monkeypatch.setattr(workshops, "TrainingProcess", lambda *given: begun.append(FakeProcess(*given)) or begun[-1])
    run(window, RESTART)
    box = QApplication.activeModalWidget()
    assert box.text() == DAMAGED_QUESTION and not begun and state.exists()
    qtbot.mouseClick(box.button(QMessageBox.StandardButton.Yes), Qt.MouseButton.LeftButton)
    assert not state.exists() and begun[0].recipe.seed == 77
    begun[0].hear(Report("stopped", 1))
    qtbot.waitUntil(lambda: not trainer.workshop.busy)
