"""The panel Coverage: it fills, shows its verdict, can be stopped, and restarts when the model changes."""

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt

from engine.regression import GaussianNoise, Line, LinearModel, Polynomial, Source
from engine.regression.coverage import AGREES, BANDS, CoverageSettings, coverage
from engine.regression.data.truths import Expression
from engine.regression.document import Regression
from gui.regression.coverage import FROM_PRIOR, FROM_SOURCE, NO_VALUE, Coverage
from tests.gui.acting import commit
from tests.gui.conftest import settle

CONSTANT = Regression(
    LinearModel(Polynomial(0), 1e-9, GaussianNoise(100.0)),
    Source(Line(0.3, 0.0)),
    settings=(CoverageSettings("this truth", 400, 8),),
)
ENDLESS = CoverageSettings(repeats=100_000)


@pytest.fixture
def bring(qtbot, window):
    """Return a function that opens the panel with a document and does not wait for the end of the count."""

    def make(document):
        commit(window, "Another", document)
        window.page.view.docks["Coverage"].raise_()
        qtbot.waitUntil(lambda: "Coverage" in window.page.view.panels)
        return window.page.view.panel(Coverage)

    return make


def caption(window):
    return window.page.view.docks["Coverage"].titleBarWidget().caption.text()


@pytest.mark.slow
def test_it_fills_and_says_its_verdict(qtbot, window, bring):
    panel = bring(CONSTANT)
    settle(qtbot, window)
    found = window.page.view.scene.get(coverage)
    assert panel.progress.text() == "400 of 400"
    assert "400 repeats of 8 observations" in caption(window)
    assert [label.text() for label in panel.promised] == ["68.27", "95.45"] * 2
    assert panel.counted[0].text() == f"{100 * found.counted[0]:.1f} ± {100 * found.error[0]:.1f}"
    for label in panel.verdicts:
        assert "too narrow" in label.text()
        assert "instead of" in label.text()
    for row in range(len(BANDS)):
        np.testing.assert_allclose(panel.plot.counts[row].lines, 100 * found.held[row][None, :])
    right = replace(CONSTANT, model=replace(CONSTANT.model, noise=GaussianNoise(25.0)))
    commit(window, "The right noise", right)
    assert panel.counted[0].text() == "–"
    settle(qtbot, window)
    assert all(AGREES in label.text() for label in panel.verdicts)


@pytest.mark.slow
def test_the_counts_at_the_cursor(qtbot, window, bring, hand):
    panel = bring(CONSTANT)
    settle(qtbot, window)
    hand(panel.plot).move(0.5, 80)
    assert panel.cursor_heading.text() == "x = 0.500"
    at = np.abs(panel.counts.x - 0.5).argmin()
    assert panel.at_cursor[1].text() == f"{100 * panel.counts.held[1, at]:.1f}"
    panel.plot.left.emit()
    assert panel.at_cursor[1].text() == ""


@pytest.mark.slow
def test_it_can_be_stopped_and_resumed(qtbot, window, bring):
    panel = bring(CONSTANT.with_setting(ENDLESS))
    qtbot.waitUntil(lambda: panel.bar.value() > 0)
    qtbot.mouseClick(panel.button, Qt.MouseButton.LeftButton)
    settle(qtbot, window)
    reached = panel.bar.value()
    assert 0 < reached < ENDLESS.repeats
    assert panel.button.text() == "Resume"
    qtbot.mouseClick(panel.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: panel.bar.value() > reached)
    assert panel.button.text() == "Stop"


@pytest.mark.slow
def test_another_edit_cancels_it_and_another_model_restarts_it(qtbot, window, bring):
    page, panel = window.page, bring(CONSTANT.with_setting(ENDLESS))
    qtbot.waitUntil(lambda: panel.bar.value() > 0)
    with qtbot.waitSignal(page.scenes.cancelled):
        commit(window, "Pin", page.store.document.pin((0.1, 0.1)))
    qtbot.waitUntil(lambda: panel.bar.value() > 0)
    qtbot.mouseClick(panel.button, Qt.MouseButton.LeftButton)
    settle(qtbot, window)
    commit(window, "Line", replace(page.store.document, model=LinearModel()))
    assert panel.progress.text() == "0 of 100,000"
    assert panel.button.text() == "Stop"
    qtbot.waitUntil(lambda: panel.bar.value() > 0)


@pytest.mark.slow
def test_behind_another_tab_it_does_not_count(qtbot, window, bring):
    panel = bring(CONSTANT.with_setting(ENDLESS))
    qtbot.waitUntil(lambda: panel.bar.value() > 0)
    window.page.view.docks["Predictive"].raise_()
    settle(qtbot, window)
    assert panel.bar.value() < ENDLESS.repeats


@pytest.mark.slow
def test_the_trials_are_part_of_the_document(qtbot, window, bring):
    panel = bring(CONSTANT)
    settle(qtbot, window)
    combo = panel.form.editors["truth"].combo
    combo.setCurrentIndex(0)
    combo.activated.emit(0)
    settle(qtbot, window)
    assert window.page.store.document[CoverageSettings] == CoverageSettings(repeats=400, observations=8)
    assert FROM_PRIOR in caption(window)
    window.page.store.stack.undo()
    settle(qtbot, window)
    assert FROM_SOURCE in caption(window)


@pytest.mark.slow
def test_a_true_function_without_values_is_reported(qtbot, window, bring):
    panel = bring(replace(CONSTANT, source=Source(Expression("log(-1 - x*x)"))))
    settle(qtbot, window)
    assert panel.notice.text() == NO_VALUE
    assert not panel.button.isEnabled()
    commit(window, "Line", CONSTANT)
    settle(qtbot, window)
    assert panel.notice.text() == ""
    assert panel.bar.value() == 400
