"""The panel Exact evidence in the real window: the shipped pair, its numbers, and the trainings that it starts."""

import pytest

from engine.latent.model_source import Trained
from engine.latent.training.exact_evidence import (
    EXACT,
    NO_VAE,
    TAUGHT,
    VAE,
    Cost,
    Nats,
    exact_evidence,
    exact_recipe,
    shipped_pair,
    taught_recipe,
)
from engine.latent.training.process import Report
from engine.latent.training.runs import checkpoints
from engine.lecture.documents import stages
from engine.lecture.shipped import files, shipped
from gui.latent.training import workshop
from gui.latent.training.exact_evidence import NONE, PAIR, ExactEvidence, in_words
from gui.latent.training.trainer import STOP, TEACH_ENCODER, WITHOUT_ENCODER
from tests.gui.acting import commit
from tests.gui.conftest import settle
from tests.gui.latent.acting import run
from tests.gui.latent.gan.test_gan_panels import FakeProcess


@pytest.mark.slow
def test_the_shipped_pair_shows_its_second_plane_and_what_the_bound_costs(qtbot, open_window):
    window = open_window("latent")
    autoencoder = stages(shipped(files()[0]), "autoencoder")[0].document.trained.recipe.autoencoder()
    last = Trained(autoencoder, checkpoints(autoencoder)[-1])
    commit(window, "Open", window.page.store.document.with_model(last))
    panel = window.page.view.bring(ExactEvidence)
    settle(qtbot, window)
    assert panel.notice.text() == NO_VAE and panel.parts.isHidden()
    run(window, PAIR)
    settle(qtbot, window)
    document = window.page.store.document
    assert document.model == shipped_pair() and panel.notice.isHidden() and panel.absent.isHidden()
    value = panel.drawn[exact_evidence]
    assert [cost.name for cost in value.costs] == [VAE, EXACT]
    evidence, _ = value.costs[1].change
    assert evidence.mean > 3 * evidence.error > 0
    assert "The bound costs the decoder" in panel.words.text()
    assert panel.table.item(0, 0).text().startswith("−") and panel.table.item(2, 0).text() == "–"
    assert panel.mosaic.shown_mosaic is value.mosaic and value.step == document.model.step
    assert not panel.mosaic.isHidden() and not panel.buttons[0].isHidden()
    panel.parts.resize(620, 300)  # as in a window of 1280 × 720
    qtbot.waitUntil(lambda: panel.table.horizontalHeader().length() <= panel.table.viewport().width(), timeout=5_000)


def test_the_sentences_say_in_which_direction_a_number_changed():
    known = ("", 1, Nats(-130, 1), Nats(-135, 1), Nats(5, 0.2))
    assert in_words(Cost(*known)) == ""
    assert in_words(Cost(EXACT, *known[1:], (Nats(2.5, 0.1), Nats(1, 0.1)))) == (
        "The bound costs the decoder 2.50 ± 0.10 nats of ln p(x)."
    )
    alone = float("nan")
    assert in_words(Cost(EXACT, *known[1:], (Nats(2.5, alone), Nats(1, alone)))) == (
        "The bound costs the decoder 2.50 nats of ln p(x)."
    )
    assert "0.50 ± 0.10 nats less" in in_words(Cost(EXACT, *known[1:], (Nats(-0.5, 0.1), Nats(1, 0.1))))
    assert "changes the ELBO by 1.00 ± 0.10 nats" in in_words(Cost(TAUGHT, *known[1:], (Nats(0, 0), Nats(1, 0.1))))


def test_the_buttons_start_the_trainings_beside_the_model(qtbot, open_window, monkeypatch):
    begun = []
    monkeypatch.setattr(workshop, "TrainingProcess", lambda *given: begun.append(FakeProcess(*given)) or begun[-1])
    window = open_window("latent")
    panel = window.page.view.bring(ExactEvidence)
    document = window.page.store.document
    for button, command, recipe in zip(
        panel.buttons[1:],
        (WITHOUT_ENCODER, TEACH_ENCODER),
        (exact_recipe(document), taught_recipe(document)),
        strict=True,
    ):
        assert button.text() == command.text
        button.click()
        assert begun[-1].recipe == recipe
        assert not panel.training.isHidden() and panel.training.text().startswith("A training runs. Loading")
        begun[-1].hear(Report("running", step=30, steps=100, seconds=3.0, rate=200.0))
        qtbot.waitUntil(lambda: "batch 30 of 100" in panel.training.text(), timeout=30_000)
        run(window, STOP)
        begun[-1].hear(Report("stopped"))
        qtbot.waitUntil(panel.training.isHidden, timeout=30_000)
    qtbot.waitUntil(lambda: panel.absent.text() == NONE, timeout=30_000)
    assert panel.mosaic.isHidden() and panel.buttons[0].isHidden() and panel.absent.button.text() == PAIR.text
