"""Every step of the shipped lecture in the real window, with large text: nothing is missing, cut off or empty."""

import time

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDockWidget, QLabel

from engine.latent import model
from engine.latent.unboxing import bayes_rule_for_classes
from engine.lecture.shipped import files, shipped
from gui.lecture.titles import titles_in
from gui.page.panel import Place
from gui.page.places import in_rows
from gui.shell import theme
from gui.shell.settings import Settings
from gui.widgets.notice import Notice
from gui.window import Window
from tests.bench.clicking import until
from tests.bench.lecture import is_painted

LECTURE = shipped(files()[0])
SIZES = (1280, 720, 1.5), (1920, 1080, 2.0)  # and the factor of the text
QUICK, LOADING = 0.5, 2.0  # seconds until the first picture; the second if a model or a panel has to be made
POSTERIOR = {"super-resolution", "loss", "probabilistic-modelling", "ancestral-sampling", "intractable", "the-bound"}
COLD = "colourisation", "my-3-as-an-8", "eight-latents"  # the first steps that compute with their models
EMPTY = {  # notices that are what the step is about
    "formulate-observe-update": {"× Likelihood"},  # before the first observation
    "probabilistic-modelling": {"× Likelihood"},
    "encoder": {"Sketch pad"},  # the audience draws
    "autoencoder": {"Autoencoder"},  # the audience draws the samples
}


@pytest.fixture
def window(request, tmp_path_factory):
    """A window of one size and text size, in the lecture."""
    width, height, text = request.param
    settings = Settings(tmp_path_factory.mktemp("settings"))
    settings.keep("text", text)
    made = Window(settings, "regression", "light")
    made.stack.build_all()
    made.failures = []
    for page in made.pages.values():
        page.failed.connect(lambda failure: made.failures.append(failure.details))
    made.resize(width, height)
    made.show()
    QTest.qWait(20)
    made.lecture.open(LECTURE)
    yield made
    made.close()
    made.deleteLater()
    theme.apply("light", 1.0)
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def cut(window):
    """What is cut off in the lecture bar."""
    bar = window.lecture.desk.bar
    labels = [label for label in bar.findChildren(QLabel) if label.isVisible()]
    found = [label.text() for label in labels if label.heightForWidth(label.width()) > label.height()]
    inside = bar.rect()
    parts = (*labels, bar.equation, bar.back, bar.forward, bar.attempt, bar.ask, bar.reset, bar.end)
    return found + [p.accessibleName() for p in parts if p.isVisible() and not inside.contains(p.geometry())]


def cut_titles(view, titles):
    """The titles of panels that have not enough room for their words."""
    found = []
    for title in titles:
        label = view.docks[title].titleBarWidget().findChild(QLabel)
        if label.fontMetrics().horizontalAdvance(title) > label.width() + 1:
            found.append(title)
    return found


def notices(view, titles):
    """The panels in which a sentence stands in place of a plot."""
    return {t for t in titles for notice in view.panels[t].findChildren(Notice) if notice.isVisible() and notice.text()}


def layout_faults(window, step):
    """What is missing, cut off or too low in the step that is shown."""
    bar, view, size = window.lecture.desk.bar, window.page.view, window.size()
    bar.attempt.setChecked(True)
    bar.refresh()
    QTest.qWait(1)
    found = [("in sight", sorted(view.seen_titles))] if view.seen_titles != set(step.panels) else []
    found += [("cut off", text) for text in cut(window)]
    found += [("title cut off", title) for title in cut_titles(view, step.panels)]
    docks = [dock for dock in view.findChildren(QDockWidget) if dock.isVisible()]
    found += [("too low", dock.windowTitle()) for dock in docks if dock.height() < size.height() / 5]
    return [(step.id, *fault) for fault in found]


def empty(window, step):
    """The panels of a step that show nothing, or a sentence in place of a picture."""
    view = window.page.view
    panels = [view.panels[title] for title in step.panels if title in view.panels]
    missing = {panel.title for panel in panels if panel.shows and not panel.drawn}
    missing |= notices(view, [panel.title for panel in panels]) - EMPTY.get(step.id, set())
    return missing if is_painted(window) else {*missing, "an older picture"}


def picture_faults(window, step, longest):
    """What is empty in the step that is shown, or took longer than `longest` since the CPU time `window.start`.

    The time is that of the processor, so that other processes do not change it.
    """
    try:
        until(lambda: is_painted(window) and not empty(window, step), 60)  # the first check costs little
    except TimeoutError:
        said = [notice.text() for notice in window.page.view.findChildren(Notice) if notice.isVisible()]
        return [(step.id, "empty", *empty(window, step), window.page.idle, said)]
    taken = time.process_time() - window.start
    return [(step.id, "late", f"{taken:.2f} s")] if taken > longest else []


def look_ahead(window, index):
    """Show the step before, until the next one is computed: it needs the posterior, which takes seconds at first."""
    player = window.lecture.player
    player.ahead.used = True
    player.go(index - 1 if player.course.steps[index - 1].id not in player.course.unavailable else index - 2)
    until(lambda: window.page.idle and player.ahead.idle, 90)
    player.ahead.used = False


def forget_models():
    """Let the next step load its model from its file, and compute all that belongs to the model."""
    for cache in (model._latest, model._alive, bayes_rule_for_classes._lattices, bayes_rule_for_classes._works):
        cache.clear()


def every_step(window, pictures):
    """The faults of all steps; those of their pictures for "all" steps, "most" or "none"."""
    size, player = window.size(), window.lecture.player
    player.ahead.used = False
    faults, seen = [], set()
    for index, step in enumerate(player.course.steps):
        if step.id in player.course.unavailable:
            assert player.course.unavailable[step.id] == step.needs.missing
            continue
        if pictures == "all":
            if index:
                look_ahead(window, index)
            until(lambda: window.page.idle, 90)  # the rest of the step before does not count
        window.start = time.process_time()
        player.go(index)
        if pictures == "all" or (pictures == "most" and step.id not in POSTERIOR):
            needed = {getattr(player.document, "model", None), *step.panels}
            is_ready = needed <= seen or (pictures == "all" and index > 0)
            faults += picture_faults(window, step, QUICK if is_ready else LOADING)
            seen |= needed
        faults += layout_faults(window, step)
        faults += [(step.id, "the window grew to", window.size().toTuple())] if window.size() != size else []
    assert not window.failures, window.failures[0]
    assert window.banner.isHidden(), window.banner.text.text()
    return faults


@pytest.mark.slow
@pytest.mark.parametrize("window", SIZES[1:], indirect=True)
def test_every_step_fits_the_window(window):
    """Also that no step is refused, and that the panels of a step are in sight and share its rows."""
    assert not (faults := every_step(window, "none")), faults


@pytest.mark.slow
@pytest.mark.parametrize("window", SIZES[:1], indirect=True)
def test_every_step_fits_and_most_steps_soon_show_a_picture_in_every_panel(window):
    assert not (faults := every_step(window, "most")), faults


@pytest.mark.proof
@pytest.mark.parametrize("window", SIZES[:1], indirect=True)
@pytest.mark.parametrize("id_", COLD)
def test_a_step_whose_model_must_be_loaded_soon_shows_a_picture(window, id_):
    """Nothing is computed ahead, and no model is in memory, only the code of the panels."""
    player = window.lecture.player
    player.ahead.used = False
    for step in (id_, "any-size"):
        player.find(step)
        until(lambda: is_painted(window), 90)
    until(lambda: window.page.idle, 90)
    forget_models()
    window.start = time.process_time()
    player.find(id_)
    assert not (faults := picture_faults(window, player.step, LOADING)), faults
    assert len(model._latest) == 1  # it was loaded again


@pytest.mark.proof
@pytest.mark.timeout(900)
@pytest.mark.parametrize("window", SIZES, indirect=True)
def test_every_step_soon_shows_a_picture_in_every_panel(window):
    assert not (faults := every_step(window, "all")), faults


def test_rows_become_places():
    assert dict(in_rows((("A", "B"), ("C",)))) == {
        "A": Place(0, "", "right", 50, 50),
        "C": Place(1, "A", "below", 100, 50),
        "B": Place(3, "A", "right", 50, 50),
    }


def test_every_panel_of_every_step_exists():
    assert all(title in titles_in(step.tab) for step in LECTURE.steps for title in step.panels)
