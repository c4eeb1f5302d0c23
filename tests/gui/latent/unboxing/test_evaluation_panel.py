"""The panel Evaluation in the real window: histograms, cancelling and resuming, and the list of the worst images."""

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt

from engine.derived import Scene
from engine.latent.document import Latent
from engine.latent.gaussian_q import GaussianQ
from engine.latent.inputs.input import FromData
from engine.latent.plane.samples import draw_samples
from engine.latent.unboxing.evaluation import evaluation
from gui.latent.unboxing.evaluation import Evaluation
from tests.gui.conftest import settle
from tests.gui.latent.acting import change, edit


@pytest.fixture
def window(open_window):
    return open_window("unboxing")


@pytest.fixture
def view(window):
    return window.page.view


@pytest.fixture
def panel(qtbot, window, view):
    panel = view.bring(Evaluation)
    settle(qtbot, window)
    return panel


@pytest.mark.proof
def test_the_first_hundred_are_counted_and_listed(panel):
    assert panel.tested.done == 100
    assert panel.list.count() == 24
    assert not panel.progress.isVisible()
    assert panel.bounds.means[0].straight[0, 0] == pytest.approx(panel.tested.log_evidence.mean)


@pytest.mark.slow
def test_a_click_selects_an_image_with_the_q_of_the_encoder(qtbot, window, view, panel):
    edit(window, Latent().with_q(GaussianQ()))
    settle(qtbot, window)
    item = panel.list.item(2)
    qtbot.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=panel.list.visualItemRect(item).center())
    settle(qtbot, window)
    document = window.page.store.document
    assert document.input == FromData(int(panel.tested.largest_gap.numbers[2]))
    assert document.q is None
    assert panel.list.currentRow() == 2


@pytest.mark.slow
def test_the_order_of_the_list_is_chosen(panel):
    panel.order.setCurrentIndex(1)
    panel.order.activated.emit(1)
    first = panel.tested.least_likely.numbers[0]
    assert panel.list.item(0).text().startswith(f"{first:,} ")


@pytest.mark.proof
def test_cancelling_keeps_the_counts_and_a_number_resumes(qtbot, window, view, panel):
    panel.number.setCurrentIndex(1)
    panel.number.activated.emit(1)
    qtbot.waitUntil(lambda: panel.tested.done > 100, timeout=60_000)
    panel.progress.cancelled.emit()
    settle(qtbot, window)
    done = panel.tested.done
    assert 100 < done < 1000
    assert "Stopped" in panel.progress.words.text()
    panel.draw(Scene(panel.document, {evaluation: replace(panel.tested, part=0.5)}))  # it was under way
    assert "Stopped" in panel.progress.words.text()
    change(window, draw_samples)
    settle(qtbot, window)
    assert panel.tested.done == done  # the cancelled evaluation does not continue
    panel.number.setCurrentIndex(0)
    panel.number.activated.emit(0)
    settle(qtbot, window)
    assert panel.tested.done == 100


@pytest.mark.proof
def test_nothing_is_counted_for_a_hidden_panel(qtbot, window, view, panel):
    panel.number.setCurrentIndex(2)
    panel.number.activated.emit(2)
    view.docks[panel.title].close()
    settle(qtbot, window)
    assert panel.tested.done < 10_000


def test_there_are_no_empty_histograms_before_the_first_numbers(qtbot):
    alone = Evaluation()
    qtbot.addWidget(alone)
    alone.resize(800, 400)
    alone.show()
    assert alone.plots.isHidden()
    assert alone.plots.parentWidget().isVisible()
