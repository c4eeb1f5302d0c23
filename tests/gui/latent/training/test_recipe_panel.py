"""The panel Recipe in the real window."""

import pytest

from engine.latent.training.training import TrainingSettings, with_recipe
from engine.latent.vae.recipe import EDITED, Recipe
from gui.latent.training.recipe import Recipe as RecipePanel
from tests.gui.latent.acting import change


@pytest.mark.slow
def test_the_recipe_is_edited_and_undone(open_window):
    window = open_window("latent")
    change(window, with_recipe, Recipe(epochs=2))
    window.page.view.docks[RecipePanel.title].raise_()
    panel = window.page.view.panel(RecipePanel)
    form = panel.form
    assert {*form.editors, *panel.others.editors} == set(EDITED)  # not the checksum of a file
    assert panel.others.isHidden() and form.editors["beta"].isVisible()
    panel.more.click()
    assert panel.others.editors["batch"].isVisible()
    form.editors["epochs"].line.setFocus()
    form.editors["epochs"].line.setText("7")
    form.editors["epochs"].line.textEdited.emit("7")
    assert window.page.store.document[TrainingSettings].recipe.epochs == 7
    window.page.store.stack.undo()
    assert window.page.store.document[TrainingSettings].recipe.epochs == 2
