"""The panel Weight of the KL: its slider opens the models in the order of β, and its words say what β trades."""

import pytest
from msgspec.structs import replace

from engine.derived import Scene
from engine.latent.document import Latent
from engine.latent.model_source import model_path
from engine.latent.training.models import Entry, read_card
from engine.latent.training.training import with_recipe
from engine.latent.training.weight_of_the_kl import Trade, Trades, trades
from gui.latent.training.models import OPEN_SHIPPED
from gui.latent.training.weight_of_the_kl import ALONE, NEXT, WeightOfTheKl

CARD = read_card(model_path("mnist-8"))
ROWS = (
    Trade(Entry("shipped", "mnist-8", str(model_path("mnist-8")), CARD), 1.0, -70.0, 18.0, 0, 0.16),
    Trade(Entry("kept", "four", "/four.safetensors", CARD), 4.0, -82.5, 9.0, 3, 0.25),
)


@pytest.fixture
def panel(qtbot):
    panel = WeightOfTheKl()
    qtbot.addWidget(panel)
    panel.echo(Latent(model="mnist-8"))
    return panel


def show(panel, rows, chosen):
    panel.draw(Scene(panel.document, {trades: Trades(rows, chosen)}))


def test_the_slider_opens_the_model_of_its_row_and_the_table_says_what_beta_trades(panel):
    edits = []
    panel.edited.connect(edits.append)
    show(panel, ROWS, 0)
    assert panel.slider.isEnabled() and (panel.slider.maximum(), panel.slider.value()) == (1, 0) and not edits
    panel.slider.setValue(1)
    assert edits[0].document.model == "/four.safetensors" and "β = 4" in edits[0].text
    show(panel, ROWS, 1)
    assert panel.words.text() == (
        "Compared with β = 1, the reconstruction is 12.50 nats lower and the KL 9.00 nats lower."
    )
    rows = [[panel.table.item(i, j).text() for j in range(5)] for i in range(2)]
    assert rows == [["−70.00", "18.00", "−88.00", "0", "0.16"], ["−82.50", "9.00", "−91.50", "3", "0.25"]]
    assert panel.table.verticalHeaderItem(1).text() == "β = 4"


def test_the_slider_waits_for_the_models_of_another_recipe(panel):
    """Until they are computed, the rows are of the model before; opening one would leave the page's model."""
    edits = []
    panel.edited.connect(edits.append)
    show(panel, ROWS, 0)
    panel.echo(Latent(model="/four.safetensors"))
    assert panel.slider.isEnabled() and panel.trades is not None
    panel.drawn = {trades: panel.trades}
    panel.echo(Latent(model="mnist"))
    panel._on_slid(1)
    assert not panel.slider.isEnabled() and not edits and not panel.drawn


def test_a_model_without_others_says_what_to_do_and_offers_a_model_that_has_others(panel, qtbot):
    show(panel, ROWS[:1], 0)
    assert panel.notice.text() == ALONE and not panel.slider.isEnabled()
    assert panel.larger.text() in ALONE
    with qtbot.waitSignal(panel.requested) as asked:
        panel.notice.button.click()
    assert asked.args == [OPEN_SHIPPED["faces-6"]] and panel.notice.button.text() == "Open faces-6"


def test_the_words_say_which_beta_the_next_training_has(panel):
    show(panel, ROWS[:1], 0)
    assert "The next training" not in panel.words.text()  # its recipe is another one
    own = CARD.recipe
    for recipe, said in (
        (own, False),
        (replace(own, beta=4.0, seed=own.seed + 1), False),
        (replace(own, beta=4.0), True),
    ):
        panel.echo(with_recipe(panel.document, recipe))
        assert (NEXT.format("4") in panel.words.text()) == said, recipe
    panel.draw(Scene(panel.document, {}))
    assert panel.words.text() == ""


def test_all_columns_of_the_table_are_seen_in_a_narrow_panel(panel, qtbot):
    long = [replace(row, reconstruction=1061.92, kl=8.85) for row in ROWS]
    show(panel, tuple(long), 0)
    panel.resize(355, 240)  # as in a window of 1280 × 720
    panel.show()
    qtbot.waitExposed(panel)
    assert panel.table.horizontalHeader().length() <= panel.table.viewport().width()
