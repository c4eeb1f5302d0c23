"""The panel Common mistakes in the real window: the numbers of the model, and a mistake in the recipe."""

import pytest

from engine.latent.training.common_mistakes import IMAGES, mistake_of
from engine.latent.training.training import TrainingSettings
from engine.latent.vae.mistakes import MISTAKES
from gui.latent.training.common_mistakes import IN_USE, USE, CommonMistakes
from tests.gui.conftest import settle


@pytest.mark.slow
def test_the_numbers_of_the_model_and_a_mistake_in_the_recipe(qtbot, open_window):
    window = open_window("latent")
    page = window.page
    panel = page.view.bring(CommonMistakes)
    settle(qtbot, window)
    names = [block.name.text() for block in panel.blocks]
    assert names[:3] == [
        "mean over pixels, sum of KL (β = 784)",
        "mean over pixels and latents (β = 392)",
        "no ½ in the KL (β = 2)",
    ]
    card = page.store.document.loaded_model.vae.card
    loss = float(panel.blocks[0].right.text().split()[0])
    assert loss == pytest.approx(-card.test_elbo.total, abs=6)  # of IMAGES test images instead of all
    assert card.test_images > IMAGES
    printed = float(panel.blocks[0].wrong.text().removeprefix("prints "))
    assert printed == pytest.approx(-card.test_elbo.reconstruction / 784 + card.test_elbo.kl, abs=0.2)
    assert "never less than" in panel.blocks[-1].wrong.text()

    def mistake():
        return mistake_of(page.store.document[TrainingSettings].recipe)

    for block, expected in zip(panel.blocks, MISTAKES, strict=True):
        block.use.click()
        assert mistake() == expected.name
        assert page.store.stack.undoText() == f"Put “{expected.name}” into the recipe"
        assert [b.use.text() == IN_USE for b in panel.blocks] == [b is block for b in panel.blocks]
    panel.blocks[-1].use.click()
    assert (mistake(), panel.blocks[-1].use.text()) == ("none", USE)
    assert page.store.stack.undoText() == "Remove the mistake from the recipe"
    while page.store.stack.canUndo():
        page.store.stack.undo()
    assert mistake() == "none"
