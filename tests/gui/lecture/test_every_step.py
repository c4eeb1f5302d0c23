"""Every step of the shipped lecture in the real window, with large text: nothing is missing, cut off or empty."""

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDockWidget, QLabel

from engine.lecture.shipped import files, shipped
from gui.lecture.titles import titles_in
from gui.page.arrangement import in_rows
from gui.page.panel import Place
from gui.shell import theme
from gui.shell.settings import Settings
from gui.widgets.notice import Notice
from gui.window import Window

LECTURE = shipped(files()[0])
EMPTY = {  # notices that are what the step is about
    "formulate-observe-update": {"× Likelihood"},  # before the first observation
    "probabilistic-modelling": {"× Likelihood"},
    "ingredients-of-a-vae": {"Training"},  # the training is to be started
    "encoder": {"Sketch pad"},  # the audience draws
}


@pytest.fixture(params=[(1280, 720, 1.5), (1920, 1080, 2.0)], ids=lambda size: f"{size[0]}×{size[1]} {size[2]}")
def window(request, tmp_path_factory):
    """A window of one size and text size, in the lecture."""
    width, height, text = request.param
    settings = Settings(tmp_path_factory.mktemp("settings"))
    settings.keep("text", text)
    made = Window(settings, "regression", "light")
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


@pytest.mark.slow
def test_every_step_fits_the_window(window):
    """Also that no step is refused, and that the panels of a step are in sight and share its rows."""
    size, player = window.size(), window.lecture.player
    faults = []
    for index, step in enumerate(player.course.steps):
        if step.id in player.course.unavailable:
            assert player.course.unavailable[step.id] == step.needs.missing
            continue
        player.go(index)
        window.lecture.desk.bar.attempt.setChecked(True)
        window.lecture.desk.bar.refresh()
        QTest.qWait(1)
        view = window.page.view
        if view.seen_titles != set(step.panels):
            faults.append((step.id, "in sight", sorted(view.seen_titles)))
        faults += [(step.id, "cut off", text) for text in cut(window)]
        faults += [(step.id, "title cut off", title) for title in cut_titles(view, step.panels)]
        if window.size() != size:
            faults.append((step.id, "the window grew to", window.size().toTuple()))
        docks = [dock for dock in view.findChildren(QDockWidget) if dock.isVisible()]
        small = [dock.windowTitle() for dock in docks if dock.height() < size.height() / 5]
        faults += [(step.id, "too low", title) for title in small]
    assert faults == []
    assert window.banner.isHidden()


@pytest.mark.slow
@pytest.mark.parametrize("window", [(1280, 720, 1.5)], indirect=True)
def test_no_panel_of_a_regression_step_is_empty(window):
    faults = []
    for index, step in enumerate(window.lecture.player.course.steps):
        if step.tab != "regression":
            continue
        window.lecture.player.go(index)
        for _ in range(500):
            QTest.qWait(10)
            if window.page.idle:
                break
        view = window.page.view
        for title in step.panels:
            panel = view.panels[title]
            faults += [(step.id, title, "nothing drawn")] if panel.shows and not panel.drawn else []
        faults += [(step.id, title) for title in notices(view, step.panels) - EMPTY.get(step.id, set())]
    assert faults == []


def test_rows_become_places():
    assert dict(in_rows((("A", "B"), ("C",)))) == {
        "A": Place(0, "", "right", 50, 50),
        "C": Place(1, "A", "below", 100, 50),
        "B": Place(3, "A", "right", 50, 50),
    }


def test_every_panel_of_every_step_exists():
    assert all(title in titles_in(step.tab) for step in LECTURE.steps for title in step.panels)
