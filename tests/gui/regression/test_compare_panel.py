"""The panel Compare: its curves and numbers are those of the engine, and its words follow the notation."""

import re

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton

from engine.derived import resolve
from engine.lecture import steps
from engine.regression import GaussianNoise, LinearModel, Polynomial
from engine.regression.compare import SETS, comparison
from engine.regression.display import Display
from engine.regression.model.noise import StudentTNoise
from gui.regression.compare import MINIMUM_NORM, OTHER, SAME, Compare, table
from gui.regression.evidence import Evidence
from gui.regression.model import Model
from gui.widgets.numbers import shown
from tests.gui.acting import commit, run
from tests.gui.conftest import settle


@pytest.fixture
def panel(qtbot, window):
    return bring(qtbot, window, Compare, steps()[7].document.step_to(12))


def bring(qtbot, window, kind, document):
    commit(window, "Document", document)
    window.page.view.docks[kind.title].raise_()
    qtbot.waitUntil(lambda: kind.title in window.page.view.panels)
    settle(qtbot, window)
    return window.page.view.panel(kind)


def change(qtbot, window, **changes):
    commit(window, "Change", replace(window.page.store.document, **changes))
    settle(qtbot, window)


def cells(panel):
    model = panel.table.model()
    return [[model.index(row, i).data() for i in range(4)] for row in range(model.rowCount())]


@pytest.mark.slow
def test_the_curves_and_the_numbers_are_the_engines(window, panel):
    document = window.page.store.document
    exact = resolve(document, {comparison: panel.plot.shown}).get(comparison)
    plot = panel.estimates
    for lines, curve in zip((plot.least_squares, plot.map, plot.bayes), exact.curves, strict=True):
        np.testing.assert_array_equal(lines.lines[0], curve)
    rows = cells(panel)
    sets = [f"{n} {name}" for n, name in zip(("12", "13", "1,000"), SETS, strict=True)]
    names = [*(f"MSE, {name}" for name in sets), *(f"ln p, {name}" for name in sets[1:])]
    assert [row[0] for row in rows[:5]] == names
    numbers = np.vstack([exact.errors, exact.log_densities])
    assert [row[1:] for row in rows[:5]] == [[shown(value) for value in row] for row in numbers]
    assert len(rows) == 5 + document.model.basis.size
    assert rows[7][3] == f"{shown(exact.weights[2, 2], 3)} ± {shown(exact.deviations[2], 3)}"


def test_a_sampled_score_is_marked_with_its_error(qtbot, window, panel):
    estimates = resolve(window.page.store.document, {comparison: panel.plot.shown}).get(comparison)
    assert not any("±" in line.cells[-1] for line in table(estimates)[3:5])
    unsure = replace(estimates, density_errors=np.array([0.03, np.inf]))
    marked = [shown(value) for value in estimates.log_densities[:, -1]]
    assert [line.cells[-1] for line in table(unsure)[3:5]] == [f"{marked[0]} ± 0.03", f"{marked[1]} (Laplace)"]


@pytest.mark.slow
def test_the_words_name_equal_curves_and_the_minimum_norm(qtbot, window, panel):
    assert panel.words.text().strip() == SAME
    commit(window, "Fewer", window.page.store.document.step_to(4))
    settle(qtbot, window)
    assert panel.words.text() == f"{SAME} {MINIMUM_NORM.format(4, 10)}"
    change(qtbot, window, model=LinearModel(Polynomial(1), 2.0, StudentTNoise()))
    assert OTHER in panel.words.text()


@pytest.mark.slow
def test_without_observations_the_training_error_is_empty(qtbot, window, panel):
    run(window, "Clear")
    settle(qtbot, window)
    assert cells(panel)[0] == [f"MSE, 0 {SETS[0]}", "–", "–", "–"]
    assert panel.notice.text()


@pytest.mark.slow
def test_it_is_computed_only_while_it_is_seen(qtbot, window, panel):
    assert comparison in window.page._wanted_values
    window.page.view.docks["Predictive"].raise_()
    settle(qtbot, window)
    assert comparison not in window.page._wanted_values


@pytest.mark.slow
def test_a_click_observes_here_too(qtbot, window, panel, hand):
    before = window.page.store.document
    hand(panel.plot).click(0.5, 1.2)
    assert window.page.store.document.observations.x[before.step] == pytest.approx(0.5, abs=0.01)


@pytest.mark.slow
def test_the_button_changes_the_notation_and_back(window, panel):
    page, before = window.page, window.page.store.document
    panel.other_names.trigger()
    assert page.store.document == before.with_setting(Display("scikit-learn"))
    panel.other_names.trigger()
    assert page.store.document == before


def texts(widget):
    """Yield the texts, tooltips and accessible names of a panel."""
    for kind in (QLabel, QLineEdit, QPushButton):
        for child in widget.findChildren(kind):
            yield from (child.toolTip(), child.accessibleName())
            if not isinstance(child, QLineEdit):
                yield child.text()


@pytest.mark.slow
@pytest.mark.parametrize("kind", [Model, Evidence, Compare], ids=lambda kind: kind.__name__)
def test_texts_in_scikit_learns_notation_do_not_contain_alpha_or_beta(qtbot, window, kind):
    document = steps()[2].document
    panel = bring(qtbot, window, kind, document)
    dock = window.page.view.docks[kind.title]

    def said():
        axes = [side.labelText for side in panel.plot.sides.values()] if hasattr(panel, "plot") else []
        rest = [text for text in texts(panel) if "Bishop's" not in text]  # the tooltip of the notation names both
        return " ".join([*rest, *axes, dock.titleBarWidget().caption.text()])

    assert "α" in said()
    assert "β" in said()
    bishop = said()
    change(qtbot, window, settings=(Display("scikit-learn"),))
    if kind is not Compare:  # Compare has other texts in this notation
        names = {"precision α": "lambda_", "precision β": "alpha_", "α": "lambda_", "β": "alpha_"}
        assert said() == re.sub("|".join(names), lambda name: names[name[0]], bishop)
    assert "α" not in said()
    assert "β" not in said()
    change(qtbot, window, settings=())
    assert said() == bishop


@pytest.mark.slow
def test_a_form_that_comes_later_keeps_to_the_notation(qtbot, window):
    document = steps()[2].document
    document = document.with_setting(Display("scikit-learn"))
    panel = bring(qtbot, window, Model, document.with_model(replace(document.model, noise=StudentTNoise())))
    panel.model.editors["noise"].forms.clear()  # the state of a form in which the noise was never Gaussian
    change(qtbot, window, model=document.model)
    line = panel.model.editors["noise"].forms[GaussianNoise].editors["precision"].line
    assert line.accessibleName() == "Noise alpha_"


@pytest.mark.slow
def test_an_edit_is_named_in_the_notation(qtbot, window):
    document = steps()[2].document
    shown_otherwise = document.with_setting(Display("scikit-learn"))
    panel = bring(qtbot, window, Model, shown_otherwise)
    line = panel.model.editors["prior_precision"].line
    line.setFocus()
    qtbot.keyClick(line, Qt.Key.Key_Up)
    assert window.page.store.stack.undoText() == "Change Prior lambda_"
