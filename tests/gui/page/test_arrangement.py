"""Arrangements of one page: each keeps its layout, and exactly the visible panels are created and notified."""

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication, QTabBar

from engine.latent.document import Latent
from engine.latent.plane.samples import PriorSamples
from engine.regression.document import Regression
from engine.session import Session
from gui.pages import PAGES, TITLES, arrangement_of, page_of, tab_of
from gui.shell.page_stack import SHOW_TABS
from tests.gui.conftest import settle

UNBOXING = {"Prior", "× Likelihood", "∝ Posterior"}


@pytest.fixture
def window(open_window):
    return open_window("latent")


@pytest.fixture
def view(window):
    return window.page.view


def go(qtbot, window, tab):
    window.show_page(tab)
    settle(qtbot, window)


def on_screen(view):
    """The titles of the visible docks, by their geometry. Qt moves docks behind a tab off the screen."""
    return {
        title
        for title, dock in view.docks.items()
        if dock.isVisible() and (dock.isFloating() or (dock.geometry().right() >= 0 and dock.geometry().bottom() >= 0))
    }


def shape(view):
    """The geometry of every dock that is shown."""
    return {
        title: (dock.geometry(), dock.isFloating(), title in on_screen(view))
        for title, dock in view.docks.items()
        if not dock.isHidden() and (dock.isFloating() or title in on_screen(view))
    }


def test_panels_ask_for_their_values_in_the_order_of_their_places(qtbot, window, view, monkeypatch):
    go(qtbot, window, "unboxing")
    go(qtbot, window, "latent")
    told = []
    monkeypatch.setattr(view, "notify", lambda title, _: told.append(title))
    go(qtbot, window, "unboxing")
    assert len(told) > 8
    assert told == [kind.title for kind in view.kinds if kind.title in told]


@pytest.mark.slow
def test_a_tab_is_a_page_and_an_arrangement(qtbot, window, view):
    store = window.page.store
    go(qtbot, window, "unboxing")
    assert window.page.view is view
    assert window.page.store is store
    assert window.stack.page_in("unboxing") is window.stack.page_in("latent") is window.pages["latent"]
    assert view.arrangement == "unboxing"
    assert window.windowTitle() == "Exact posterior[*] – Bayescape"
    assert window.group.activeStack() is store.stack
    go(qtbot, window, "latent")
    assert view.arrangement == ""
    assert window.windowTitle() == "Latent space[*] – Bayescape"
    assert {page_of(tab) for tab in TITLES} == set(PAGES)
    assert [tab_of(page_of(tab), arrangement_of(tab)) for tab in TITLES] == list(TITLES)
    assert [tab for tab in TITLES if arrangement_of(tab)] == ["unboxing"]


@pytest.mark.slow
def test_each_tab_has_a_key_and_both_latent_tabs_have_the_same_commands(qtbot, window):
    for command, tab, key in zip(SHOW_TABS, TITLES, ("Ctrl+1", "Ctrl+2", "Ctrl+3"), strict=True):
        action = window.menus.action(command)
        assert action.shortcut().toString() == key
        action.trigger()
        assert window.tabs.front == tab
        assert {owned.page for owned in window.menus.shown} == {"", page_of(tab)}
        assert action.isChecked()


@pytest.mark.slow
def test_only_visible_panels_are_created(qtbot, window, view):
    before = set(view.panels)
    assert not before & UNBOXING
    go(qtbot, window, "unboxing")
    assert on_screen(view) >= UNBOXING
    behind = {"Completions"}  # the panel Gallery is in front of it until an image is selected
    assert set(view.panels) - before == (on_screen(view) - before) | behind
    assert "The plane" not in on_screen(view)


@pytest.mark.proof
@pytest.mark.parametrize("tab", ["regression", "latent", "unboxing"])
def test_no_panel_is_too_wide_for_a_small_screen(qtbot, window, tab):
    go(qtbot, window, tab)
    for dock in window.page.view.docks.values():
        dock.show()
        dock.raise_()
        settle(qtbot, window, seconds=300)  # Exact evidence sums over grids for 250 images
        assert window.width() == 1280, dock.windowTitle()


@pytest.mark.slow
def test_visible_panels_are_notified(qtbot, window, view, monkeypatch):
    calls = []
    go(qtbot, window, "unboxing")
    go(qtbot, window, "latent")
    for title, panel in view.panels.items():
        monkeypatch.setattr(panel, "appear", lambda seen, title=title: calls.append((title, seen)))
    before = on_screen(view)
    for tab in ("unboxing", "latent", "regression", "unboxing"):
        go(qtbot, window, tab)
        assert view._seen == on_screen(view)
    assert calls[: len(before ^ on_screen(view))] != []
    first = calls[: len(before ^ on_screen(view))]
    assert {title for title, seen in first if seen} == on_screen(view) - before
    assert {title for title, seen in first if not seen} == before - on_screen(view)


@pytest.mark.slow
def test_each_arrangement_keeps_its_own_layout(qtbot, window, view):
    view.docks["Samples"].close()
    view.resizeDocks([view.docks["The plane"]], [450], Qt.Orientation.Horizontal)
    settle(qtbot, window)
    qtbot.wait(300)  # until the docks have their final sizes
    latent = shape(view)
    go(qtbot, window, "unboxing")
    assert view.docks["Prior"].isVisible()
    view.docks["∝ Posterior"].close()
    view.docks["Sketch pad"].raise_()
    settle(qtbot, window)
    unboxing = shape(view)
    for _ in range(2):
        go(qtbot, window, "latent")
        assert shape(view) == latent
        go(qtbot, window, "unboxing")
        assert shape(view) == unboxing


@pytest.mark.slow
def test_layouts_of_both_arrangements_are_saved(qtbot, open_window, settings):
    window = open_window("latent")
    view = window.page.view
    view.docks["Gallery"].raise_()
    view.docks["Samples"].close()
    settle(qtbot, window)
    latent = shape(view)
    go(qtbot, window, "unboxing")
    view.docks["∝ Posterior"].close()
    view.docks["Prior"].setFloating(True)
    settle(qtbot, window)
    unboxing = set(shape(view))
    window.close()
    open_window().close()  # a run that shows neither arrangement
    again = open_window("latent")
    assert shape(again.page.view) == latent
    go(qtbot, again, "unboxing")
    assert set(shape(again.page.view)) == unboxing
    assert again.page.view.docks["Prior"].isFloating()
    qtbot.waitUntil(lambda: not settings.restoring)  # after the paint


@pytest.mark.slow
def test_layouts_of_all_pages_are_saved(qtbot, open_window):
    window = open_window("regression")
    for tab, title in (("regression", "Prior"), ("latent", "Gallery")):
        go(qtbot, window, tab)
        window.page.view.docks[title].setFloating(True)
    settle(qtbot, window)
    window.close()
    again = open_window("regression")
    for tab, title in (("regression", "Prior"), ("latent", "Gallery")):
        go(qtbot, again, tab)
        assert again.page.view.docks[title].isFloating()


@pytest.mark.slow
def test_the_program_can_start_on_the_tab_exact_posterior(qtbot, open_window):
    window = open_window("unboxing")
    view = window.page.view
    assert view.arrangement == "unboxing"
    assert on_screen(view) >= UNBOXING
    assert "The plane" not in view.panels
    widths = [view.docks[title].width() for title in sorted(UNBOXING)]
    assert max(widths) - min(widths) <= 2
    view.docks["Prior"].close()
    window.close()
    again = open_window("unboxing")
    assert not again.page.view.docks["Prior"].isVisible()
    go(qtbot, again, "latent")
    assert "The plane" in on_screen(again.page.view)


@pytest.mark.slow
def test_floating_docks_are_hidden_and_shown_with_their_arrangement(qtbot, window, view):
    go(qtbot, window, "unboxing")
    prior = view.docks["Prior"]
    prior.setFloating(True)
    for tab, visible in [("latent", False), ("unboxing", True), ("regression", False), ("latent", False)]:
        go(qtbot, window, tab)
        assert prior.isVisible() == visible
    go(qtbot, window, "regression")
    go(qtbot, window, "unboxing")
    assert prior.isVisible()
    assert prior.isFloating()


@pytest.mark.slow
def test_a_panel_of_another_arrangement_opens_in_front_of_the_largest_tab_group(qtbot, window, view):
    go(qtbot, window, "unboxing")
    gallery = view.docks["Gallery"]
    assert "Gallery" in on_screen(view)
    place = gallery.geometry()
    view.docks["Recipe"].toggleViewAction().trigger()
    settle(qtbot, window)
    qtbot.waitUntil(lambda: "Recipe" in view.panels)
    assert "Recipe" in on_screen(view)
    assert "Gallery" not in on_screen(view)
    assert view.docks["Recipe"].geometry() == place
    go(qtbot, window, "latent")
    assert "Recipe" not in on_screen(view)
    go(qtbot, window, "unboxing")
    assert "Recipe" in on_screen(view)


@pytest.mark.slow
def test_a_reset_affects_only_the_present_arrangement(qtbot, window, view):
    view.docks["Samples"].close()
    go(qtbot, window, "unboxing")
    view.docks["Prior"].close()
    view.docks["Recipe"].show()
    window.stack.reset_layout()
    settle(qtbot, window)
    assert view.docks["Prior"].isVisible()
    assert view.docks["Recipe"].isHidden()
    go(qtbot, window, "latent")
    assert view.docks["Samples"].isHidden()


@pytest.mark.slow
def test_a_damaged_layout_of_an_arrangement_is_reported_when_it_is_shown(qtbot, open_window, settings):
    window = open_window("latent")
    go(qtbot, window, "unboxing")
    window.close()
    saved = settings.text("layout/latent.unboxing", "")
    settings.keep("layout/latent.unboxing", saved[:40] + "A" + saved[41:])
    window = open_window("latent")
    assert not window.banner.isVisible()
    go(qtbot, window, "unboxing")
    assert "The default layout is used" in window.banner.text.text()
    assert on_screen(window.page.view) >= UNBOXING


@pytest.mark.slow
def test_the_marker_is_set_while_a_layout_is_restored(qtbot, open_window, settings, monkeypatch):
    window = open_window("latent")
    go(qtbot, window, "unboxing")
    window.close()
    window = open_window("latent")
    assert not settings.restoring
    restore, marked = type(window.page.view).restoreState, []

    def restored(view, layout):
        marked.append(settings.restoring)
        return restore(view, layout)

    monkeypatch.setattr(type(window.page.view), "restoreState", restored)
    window.show_page("unboxing")
    assert marked == [True]
    qtbot.waitUntil(lambda: not settings.restoring)


@pytest.mark.slow
def test_a_session_opens_in_the_present_arrangement(qtbot, window):
    go(qtbot, window, "unboxing")
    window.open_session(Session(Latent(settings=(PriorSamples(seed=3),))))
    assert window.tabs.front == "unboxing"
    window.open_session(Session(Regression(seed=3)))
    assert window.tabs.front == "regression"
    window.open_session(Session(Latent(settings=(PriorSamples(seed=4),))))
    assert window.tabs.front == "latent"
    assert window.page.store.document[PriorSamples].seed == 4


@pytest.mark.slow
def test_changing_tabs_repeatedly_leaves_no_extra_tab_bars(qtbot, window, view):
    def bars():
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        return len(view.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly))

    for tab in ("unboxing", "latent"):
        go(qtbot, window, tab)
    before = bars()
    for tab in ("unboxing", "latent") * 3:
        go(qtbot, window, tab)
    assert bars() == before


@pytest.mark.slow
def test_a_double_click_fills_the_page_with_a_panel_and_another_one_returns(qtbot, window, view):
    before, seen = shape(view), view.seen_titles
    bar = view.docks["Samples"].titleBarWidget()
    qtbot.mouseDClick(bar, Qt.MouseButton.LeftButton)
    settle(qtbot, window)
    assert view.seen_titles == {"Samples"} == on_screen(view)
    assert view.docks["Samples"].width() > 0.98 * view.width()
    assert view.docks["Samples"].height() > 0.95 * view.height()
    saved = view.layouts()[""]
    qtbot.mouseDClick(bar, Qt.MouseButton.LeftButton)
    settle(qtbot, window)
    assert (shape(view), view.seen_titles) == (before, seen)
    assert saved == view.layouts()[""]  # a filled page is never what the next start shows


@pytest.mark.slow
def test_a_filled_page_returns_when_another_tab_or_panel_is_wanted(qtbot, window, view):
    before = shape(view)
    view.fill("The plane")
    go(qtbot, window, "unboxing")
    go(qtbot, window, "latent")
    assert shape(view) == before
    view.fill("The plane")
    view.bring(next(kind for kind in view.kinds if kind.title == "Gallery"))
    settle(qtbot, window)
    assert {"The plane", "Gallery"} <= view.seen_titles
    assert not view.is_filled


@pytest.mark.slow
def test_the_buttons_of_a_title_bar_are_painted_with_the_focus_and_always_reachable(qtbot, window, view):
    buttons = view.docks["Samples"].titleBarWidget().buttons
    assert not any(button.is_shown for button in buttons.values())
    assert all(button.focusPolicy() & Qt.FocusPolicy.TabFocus for button in buttons.values())
    window.activateWindow()
    buttons["menu"].setFocus()
    assert all(button.is_shown for button in buttons.values())
