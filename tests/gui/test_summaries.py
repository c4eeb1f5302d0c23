"""Summaries: each plot and panel has a text for screen readers that follows the data; the read-out is announced."""

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtGui import QAccessible, QGuiApplication
from PySide6.QtWidgets import QApplication

from engine.latent.inputs.input import FromData
from engine.latent.inputs.sketch import Sketch
from engine.latent.inputs.stroke import Stroke
from engine.latent.observations.half import Half
from engine.latent.plane.overlays.aggregate_posterior import AggregatePosterior
from engine.latent.plane.overlays.overlay import with_overlay
from engine.latent.probes import LatentPlace
from engine.latent.training.training import with_recipe
from engine.lecture.documents import stages
from engine.lecture.shipped import files, shipped
from engine.plane import Viewport
from engine.regression.gaussian_primer import PrimerPoints
from gui.latent.plane.any_resolution import AnyResolution
from gui.latent.plane.classes import Classes
from gui.latent.unboxing.bayes_rule_for_classes import BayesRuleForClasses
from gui.latent.unboxing.translation import Translation
from gui.page.summary import summary
from gui.pages import TITLES
from gui.plots.axes import Axes
from gui.plots.lines import Lines
from gui.plots.marks import Marks
from gui.plots.plot import Plot
from gui.plots.raster import Raster
from gui.plots.spoken import words_of
from gui.regression.data_space import DataSpace
from gui.regression.weight_space import Posterior
from tests.gui.acting import commit
from tests.gui.conftest import settle
from tests.gui.figures.test_all_panels import with_marks

SKETCH = Sketch((Stroke(points=((0.2, 0.2, 0.5), (0.7, 0.7, 0.5))),))
PATIENCE = 240_000  # milliseconds; Evaluation takes 60 seconds while other programs use the processor
# Panels that show nothing of the models of the first test, each with a tab, a model that it needs, the observation, and
# words of its summary. The second test opens this model. No panel has a summary that never changes.
OF_MODELS = {
    AnyResolution: ("latent", "coordinates", Half("top"), "trained on 28 × 28"),
    Translation: ("unboxing", "pairs", Half("left"), "B"),
    Classes: ("unboxing", "classes", Half("top"), "Chosen: "),
    BayesRuleForClasses: ("unboxing", "classes", Half("top"), "p(y|x): “"),
}


def read_all(qtbot, window):
    """The summary of each panel of the page in front, and the descriptions of its plots."""
    view, found = window.page.view, {}
    for kind in [kind for kind in view.kinds if kind.place_in(view.arrangement)]:
        panel = view.bring(kind)
        QApplication.processEvents()
        qtbot.waitUntil(lambda: window.page.idle, timeout=PATIENCE)
        view._on_describe()
        found[kind.title] = panel.accessibleDescription()
        for plot in panel.findChildren(Axes):
            name = plot.accessibleName()
            assert plot.summary() in plot.accessibleDescription(), name
            assert f"{name}: {plot.summary()}" in panel.accessibleDescription() or not plot.isVisibleTo(panel), name
    return found


@pytest.mark.slow
@pytest.mark.parametrize(
    "tab",
    [
        pytest.param(tab, marks=[pytest.mark.proof, pytest.mark.timeout(600)]) if tab == "unboxing" else tab
        for tab in TITLES
    ],
)
def test_the_summary_of_each_panel_follows_the_data(qtbot, monkeypatch, open_window, tab):
    monkeypatch.setattr("engine.latent.unboxing.estimating_ln_p_x.POOL", 2**11)  # fewer draws take less time
    window = open_window(tab)
    if tab != "regression":
        commit(window, "Sketch", window.page.store.document.with_input(SKETCH))
    before = read_all(qtbot, window)
    commit(window, "Change", changed(tab, with_marks(tab, window.page.store.document)))
    settle(qtbot, window)
    if tab != "regression":
        window.page.view.probed.emit(LatentPlace(0.5, -1.0))
    after = read_all(qtbot, window)
    assert {title for title in before if before[title] == after[title]} <= {kind.title for kind in OF_MODELS}


@pytest.mark.proof
@pytest.mark.timeout(600)
@pytest.mark.parametrize("kind", OF_MODELS)
def test_the_summary_of_a_panel_about_one_kind_of_model_follows_the_data(qtbot, open_window, kind):
    tab, model, observed, words = OF_MODELS[kind]
    window = open_window(tab)
    document = window.page.store.document.with_model(model).with_observation(observed)
    found = []
    for number, given in ((7, 0), (11, 4)):
        changed = document.with_input(FromData(number))
        commit(window, "Change", changed.with_given(given) if model == "classes" else changed)
        panel = window.page.view.bring(kind)
        QApplication.processEvents()
        qtbot.waitUntil(lambda: window.page.idle, timeout=PATIENCE)
        window.page.view._on_describe()
        found.append(panel.accessibleDescription())
    assert all(words in text for text in found)
    assert found[0] != found[1]


def changed(tab, document):
    """Return the document with another model; on the Regression page also with another truth and points.

    On the other pages the other model was trained with an autoencoder, and an overlay is shown.
    """
    if tab != "regression":
        run = stages(shipped(files()[0]), "autoencoder")[0].document.trained
        document = with_recipe(document.with_model(run), replace(run.recipe, seed=run.recipe.seed + 1))
        return with_overlay(document, AggregatePosterior())
    document = document.with_model(replace(document.model, prior_precision=3.0))
    points = PrimerPoints(points=((0.0, 0.0), (1.0, 0.5), (-1.0, 2.0)))
    return replace(document, source=replace(document.source, noise=0.3)).with_setting(points)


@pytest.mark.slow
def test_a_summary_has_the_numbers_of_the_posterior_and_can_be_copied(qtbot, window):
    commit(window, "Draw", window.page.store.document.with_drawn_points(8))
    settle(qtbot, window)
    view = window.page.view
    qtbot.waitUntil(lambda: "Latest observation: (" in view.panel(DataSpace).plot.accessibleDescription())
    text = summary(view.panel(DataSpace))
    observations = window.page.store.document.observations
    assert f"{float(observations.x[-1]):.3g}".replace("-", "−")[:5] in text
    assert "7 places" in text
    view.docks[Posterior.title].titleBarWidget()._on_copy_summary()
    copied = QGuiApplication.clipboard().text()
    assert copied.startswith("∝ Posterior: p(w|t₁…t₈)")
    assert "Density: highest at (" in copied
    assert "Outline of 95 %: from " in copied


@pytest.mark.slow
def test_a_readout_that_stays_is_announced_once(qtbot, window, monkeypatch):
    said = []
    monkeypatch.setattr(QAccessible, "isActive", lambda: True)
    monkeypatch.setattr(QAccessible, "updateAccessibility", lambda event: said.append(event.message()))
    for text in ("one", "two", "three"):
        window.status.tell([("", text)])
    qtbot.waitUntil(lambda: bool(said), timeout=2000)
    window.banner.say("This is refused.")
    assert said == ["three", "This is refused."]


def test_the_words_of_layers_agree_with_what_they_show(qapp):
    marks, line, raster = Marks("disc", 5), Lines(), Raster(smooth=False)
    assert [words_of(layer) for layer in (marks, line, raster)] == ["", "", ""]
    marks.show_places([(0.5, -1.0), (2.0, 3.0)])
    assert words_of(marks) == "(0.50, −1.00), (2.00, 3.00)"
    marks.show_places([(x, 2 * x) for x in range(9)])
    assert words_of(marks) == "9 places, from 0.00 to 8.00 across and from 0.00 to 16 up"
    x = np.linspace(-1, 1, 5)
    line.show_line(x, x**2 - 2 * x)
    assert words_of(line) == "from (−1.00, 3.00) to (1.00, −1.00), lowest at (1.00, −1.00), highest at (−1.00, 3.00)"
    pixels = np.zeros((4, 4), np.uint8)
    pixels[3, 0] = 9  # with row 0 at the bottom: top left
    raster.show_pixels(pixels, Viewport(0, 4, 0, 8, 4, 4), tuple([0xFF000000] * 256), top_first=False)
    assert words_of(raster) == "highest at (0.50, 7.00)"


class Heard:
    """A plot with three points to move, which remembers its signals."""

    def __init__(self, qtbot):
        self.plot = Plot("A plot", ("x", "y"), Viewport(-10, 10, -10, 10), square=False)
        self.events = []
        for name in ("clicked", "picked", "dragged", "dropped", "removed", "menu_wanted"):
            getattr(self.plot, name).connect(lambda *values, name=name: self.events.append((name, *values)))
        qtbot.addWidget(self.plot)
        self.plot.resize(400, 300)
        with qtbot.waitActive(self.plot):
            self.plot.show()
            self.plot.activateWindow()
        self.plot.setFocus()
        self.plot.set_handles([(0.0, 0.0), (5.0, 5.0), (-5.0, 2.0)])
        self.press = lambda keys: [qtbot.keyClick(self.plot, key, how) for key, how in keys]


@pytest.fixture
def heard(qtbot):
    return Heard(qtbot)


def keys(*texts):
    from PySide6.QtGui import QKeySequence

    combinations = [QKeySequence(text)[0] for text in texts]
    return [(combination.key(), combination.keyboardModifiers()) for combination in combinations]


def test_a_point_is_moved_by_the_keyboard_alone(heard):
    heard.press(keys("N", "N", "Return", "Left", "Return"))
    (first, handle, x, y), second = heard.events
    assert (first, handle, second[0]) == ("dragged", 1, "dropped")
    assert x < 5.0
    assert y == pytest.approx(5.0)


def test_escape_puts_a_point_back_and_enter_without_a_point_clicks(heard):
    heard.press(keys("Shift+N", "Return", "Up", "Esc"))
    assert [event[0] for event in heard.events] == ["dragged", "dragged", "dropped"]
    assert heard.events[1] == ("dragged", 2, -5.0, 2.0)
    heard.press(keys("Return", "Return", "Right", "Right", "Right", "Return"))
    assert [event[0] for event in heard.events[3:]] == ["picked", "clicked"]


def test_ctrl_and_arrows_pan_and_the_menu_opens_at_the_cursor(heard):
    before = heard.plot.shown
    heard.press(keys("Ctrl+Right", "+", "Shift+F10"))
    assert heard.plot.shown.left > before.left
    assert [event[0] for event in heard.events] == ["menu_wanted"]


def test_the_focus_of_a_plot_is_seen(heard):
    with_focus = heard.plot.grab().toImage()
    heard.plot.clearFocus()
    without = heard.plot.grab().toImage()
    edge = [(x, 1) for x in range(0, 400, 10)]
    assert sum(with_focus.pixelColor(*at) != without.pixelColor(*at) for at in edge) > 30
