"""At every text size the window, its menus and its dialogs fit a projector of 1280×720 pixels, and no text is cut.

A panel scrolls only where scrolling is right: see `tests.gui.scrolled`.
"""

import pytest
from PySide6.QtWidgets import QApplication, QStyle

from gui.pages import TITLES
from gui.regression.compare import Compare
from gui.regression.ledger import Ledger
from tests.gui.conftest import settle
from tests.gui.cut import cut, cut_columns, cut_labels_of_axes
from tests.gui.scrolled import scrolled

WIDTH, HEIGHT = 1280, 720
BIG = 1920, 1080


def set_text_size(qtbot, window, size):
    while window.appearance.text_size < size:
        window.appearance.larger()
    while window.appearance.text_size > size:
        window.appearance.smaller()
    QApplication.processEvents()
    settle(qtbot, window)


def hidden(window):
    """What is cut, or is seen only after scrolling."""
    return cut(window) + scrolled(window)


def hidden_in_any_panel(qtbot, window, of=hidden, room=(WIDTH, HEIGHT)):
    """Bring each panel of each tab to the front, and return what is hidden, by tab and panel."""
    found = {}
    for tab in TITLES:
        window.show_page(tab)
        view = window.page.view
        for kind in [kind for kind in view.kinds if kind.place_in(view.arrangement)]:
            view.bring(kind)
            settle(qtbot, window)
            qtbot.wait(20)  # panels that were behind a tab are laid out
            if of(window):  # a notice that has just gone gives back its room a moment later
                qtbot.wait(300)
            found |= {(tab, kind.title, text): "" for text in of(window)}
            assert window.width() <= room[0] and window.height() <= room[1], kind
    return list(found)


@pytest.mark.slow
def test_nothing_is_hidden_and_the_window_and_its_menus_fit_a_projector(qtbot, open_window):
    window = open_window()
    assert hidden_in_any_panel(qtbot, window, lambda window: hidden(window) + cut_labels_of_axes(window)) == []
    for size in (1.5, 2.0, 2.5):
        set_text_size(qtbot, window, size)
        assert window.minimumSizeHint().width() <= WIDTH, size
        assert window.minimumSizeHint().height() <= HEIGHT, size
        for menu in menus(window):
            assert menu.sizeHint().width() <= WIDTH, menu.title()
            assert menu.style().styleHint(QStyle.StyleHint.SH_Menu_Scrollable, None, menu)
    assert hidden_in_any_panel(qtbot, window) == []
    set_text_size(qtbot, window, 1.0)


@pytest.mark.proof
@pytest.mark.parametrize("size", [1.5, 2.0])
def test_nothing_is_hidden_at_the_sizes_between(qtbot, open_window, size):
    window = open_window()
    set_text_size(qtbot, window, size)
    assert hidden_in_any_panel(qtbot, window) == []
    set_text_size(qtbot, window, 1.0)


@pytest.mark.proof
@pytest.mark.parametrize("size", [1.0, 1.5, 2.0, 2.5])
def test_nothing_is_hidden_on_a_large_screen(qtbot, open_window, size):
    window = open_window()
    window.resize(*BIG)
    set_text_size(qtbot, window, size)
    assert hidden_in_any_panel(qtbot, window, room=BIG) == []
    set_text_size(qtbot, window, 1.0)


@pytest.mark.slow
def test_no_column_of_a_table_of_the_regression_page_is_cut(qtbot, open_window):
    window = open_window()
    for size in (1.0, 2.5):
        set_text_size(qtbot, window, size)
        for kind in (Ledger, Compare):
            window.page.view.bring(kind)
            settle(qtbot, window)
            qtbot.wait(20)
            assert cut_columns(window) == [], (size, kind)


def menus(window):
    """The menus of the menu bar with all their submenus."""
    found = [action.menu() for action in window.menuBar().actions()]
    for menu in found:
        found += [action.menu() for action in menu.actions() if action.menu() is not None]
    return found
