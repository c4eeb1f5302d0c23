"""Places: on a page that is small for its text forms are tabs, and the layouts of both sizes are kept."""

import pytest
from PySide6.QtWidgets import QMainWindow

from gui.page.panel import Panel, Place
from gui.page.places import FEW, LEAST, folded, is_small, key_of, leader_of, tabs_of
from gui.shell.theme import POINT_SIZE
from tests.gui.conftest import settle

SETTLED = 300  # milliseconds


def panels(**places):
    """A panel class for each title, with its place."""
    return {type(title, (Panel,), {"title": title}): place for title, place in places.items()}


def by_title(places):
    return {kind.title: place for kind, place in places.items()}


def test_panels_that_fold_join_the_largest_group_and_others_take_their_place():
    places = panels(
        Plane=Place(0, width=50),
        Decoded=Place(1, "Plane", "right", 22, 46, folds=True),
        Samples=Place(2, "Decoded", "below", 50, 54),
        Encoded=Place(3, "Decoded", "right", 28, 46, folds=True),
        Training=Place(4, "Samples", "tab"),
        Walk=Place(5, "Samples", "tab"),
        Models=Place(6, "Encoded", "tab"),
    )
    small = folded(places)
    assert leader_of(places) == leader_of(small) == "Samples"
    assert tabs_of(places) == tabs_of(small) == {"Training", "Walk"}
    assert [kind.title for kind in small] == ["Plane", "Samples", "Decoded", "Encoded", "Training", "Walk", "Models"]
    assert by_title(small)["Samples"] == Place(2, "Plane", "right", 57, 100)
    assert {title for title, place in by_title(small).items() if place.how == "tab"} == {
        *("Decoded", "Encoded", "Training", "Walk", "Models")
    }
    before = []
    for kind, place in small.items():  # each panel is put beside one that is there
        assert not place.beside or place.beside in before
        before.append(kind.title)


def test_the_lower_row_of_a_small_page_has_more_height():
    places = panels(
        Prior=Place(0, width=26, height=50),
        Model=Place(1, "Prior", "right", 24, 58, folds=True),
        Data=Place(2, "Prior", "below", 30, 50),
        Truth=Place(3, "Model", "below", 24, 42, folds=True),
        Evidence=Place(4, "Data", "right", 48, 50),
        Samples=Place(5, "Evidence", "tab", 48, 50),
    )
    small = by_title(folded(places))
    assert [small[title].height for title in ("Prior", "Data", "Evidence")] == [43, 57, 57]
    assert {title: small[title].beside for title in ("Model", "Truth")} == {"Model": "Evidence", "Truth": "Evidence"}


def test_a_page_is_small_by_its_lines_of_text(qapp, qtbot):
    page = QMainWindow()
    qtbot.addWidget(page)
    for size, least in ((POINT_SIZE, FEW), (1.5 * POINT_SIZE, LEAST)):
        font = page.font()
        font.setPointSizeF(size)
        page.setFont(font)
        line = page.fontMetrics().height()
        page.resize(600, least * line)
        assert not is_small(page)
        page.resize(600, least * line - 1)
        assert is_small(page)
    assert [key_of(name, small) for name in ("", "unboxing") for small in (False, True)] == [
        *("", "small", "unboxing", "unboxing.small")
    ]


def places(window):
    view = window.page.view
    return {title: view.docks[title].geometry().getRect() for title in view.seen_titles}


@pytest.mark.slow
def test_large_text_folds_the_forms_into_tabs_and_both_layouts_come_back(qtbot, open_window):
    window = open_window()
    for tab, main in (
        ("regression", {"Prior", "× Likelihood", "∝ Posterior", "Data space", "Predictive"}),
        ("unboxing", {"Prior", "× Likelihood", "∝ Posterior", "Observed image", "Gallery"}),
        ("latent", {"The plane", "Samples"}),
    ):
        window.show_page(tab)
        view = window.page.view
        if tab == "regression":
            view.docks["Predictive"].raise_()
        settle(qtbot, window)
        qtbot.wait(SETTLED)
        before = places(window)
        window.appearance.use_text_size(2.0)
        qtbot.waitUntil(lambda view=view: view.is_small, timeout=20_000)
        assert view.seen_titles == main
        assert window.size().toTuple() == (1280, 720)
        window.appearance.normal()
        qtbot.waitUntil(lambda view=view: not view.is_small, timeout=20_000)
        qtbot.waitUntil(lambda before=before: places(window) == before, timeout=20_000)
