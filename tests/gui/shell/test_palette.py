"""The palette finds every command, panel, lecture step and model, and runs it on its page."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from engine.lecture import headings
from engine.resources import RESOURCES
from gui.shell.palette.fuzzy import score
from gui.shell.palette.palette import ENTRY, Palette
from gui.window import Window
from tests.gui.shell.small_pages import Far, small_page


@pytest.fixture
def palette(small_window):
    return opened(small_window)


def opened(window):
    """Open the palette of a window and return it."""
    window.finder.open()
    return window.findChildren(Palette)[-1]


def texts(palette):
    return [entry.text for entry in palette.rows.rows]


def choose(palette, query):
    """Type a query and press Enter."""
    palette.line.setText(query)
    QTest.keyClick(palette.line, Qt.Key.Key_Return)


@pytest.mark.slow
def test_every_command_panel_and_lecture_step_is_in_the_palette(any_window):
    rows = opened(any_window).rows.rows
    names = {(entry.owned.page, entry.owned.command.text) for entry in rows}
    assert len({entry.name for entry in rows}) == len(rows)
    assert names >= {(owned.page, owned.command.text) for owned in any_window.menus.commands}
    for name, page in any_window.pages.items():
        assert names >= {(name, kind.title) for kind in page.view.kinds}
    assert names >= {("", step.title) for step in headings()}


@pytest.mark.slow
def test_the_row_of_a_panel_names_the_tab_that_shows_it(window):
    found = {(entry.text, entry.where) for entry in opened(window).rows.rows if entry.where.endswith("Show panel")}
    assert found >= {
        ("Ledger", "Regression › Show panel"),
        ("Ledger", "Exact posterior › Show panel"),
        ("Gallery", "Latent space › Show panel"),
        ("Completions", "Exact posterior › Show panel"),
    }


@pytest.mark.slow
def test_go_to_and_the_title_of_a_panel_find_this_panel_first(any_window):
    palette = opened(any_window)
    for page in any_window.pages.values():
        for kind in page.view.kinds:
            palette.line.setText(f"go to {kind.title}")
            first = palette.rows.rows[0]
            assert (first.text, first.where.endswith("Show panel")) == (kind.title, True)


def test_a_row_has_path_keys_and_tip_for_screen_readers_too(palette):
    palette.line.setText("add one")
    index = palette.list.currentIndex()
    entry = index.data(ENTRY)
    assert (entry.text, entry.where, entry.keys, entry.tip) == (
        "Add one", "Regression › Observe", "Ctrl+D", "Count up",
    )  # fmt: skip
    spoken = index.data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "Add one, Regression › Observe, Ctrl+D, Count up"
    assert palette.accessibleName()
    assert palette.line.accessibleName()
    assert palette.list.accessibleName()


def test_the_name_of_a_submenu_is_part_of_the_text(palette):
    assert {"Appearance: Dark", "Numbers: Zero"} <= set(texts(palette))


def test_enter_runs_the_entry_and_the_arrows_choose(small_window, palette):
    choose(palette, "add one")
    assert not palette.isVisible()
    assert small_window.page.store.document.total == 1
    again = opened(small_window)
    first = again.current
    QTest.keyClick(again.line, Qt.Key.Key_Down)
    assert again.current is again.rows.rows[1]
    QTest.keyClick(again.line, Qt.Key.Key_Up)
    assert again.current is first
    QTest.keyClick(again.line, Qt.Key.Key_Up)
    assert again.current is again.rows.rows[-1]
    QTest.keyClick(again.line, Qt.Key.Key_Escape)
    assert not again.isVisible()


def test_an_unavailable_command_stays_visible_with_its_reason(small_window, palette):
    choose(palette, "remove one")
    assert palette.isVisible()
    assert palette.current.reason == "There is nothing to remove."
    assert small_window.page.store.document.total == 0


def test_a_command_of_another_page_brings_that_page_in_the_arrangement_of_its_panel(small_window, palette):
    choose(palette, "look far")
    assert small_window.tabs.front == "unboxing"
    assert small_window.page.store.document.total == 7
    assert Far.title in small_window.page.view.seen_titles


def test_a_panel_is_brought_to_the_front(small_window, palette):
    choose(palette, "behind")
    assert small_window.tabs.front == "regression"
    assert "Behind" in small_window.page.view.seen_titles


@pytest.mark.slow
def test_every_shipped_model_is_in_the_palette_and_is_chosen_on_the_latent_page(window):
    for path in (RESOURCES / "models").glob("*.safetensors"):
        palette = opened(window)
        (entry,) = [entry for entry in palette._entries if entry.text.endswith(f": {path.stem}")]
        choose(palette, entry.text)
        assert window.page.store.document.model == path.stem
        window.show_page("regression")


def test_recently_used_entries_come_first(small_window, palette):
    choose(palette, "add one")
    choose(opened(small_window), "smaller text")
    assert texts(opened(small_window))[:2] == ["Smaller text", "Add one"]


def test_the_palette_opens_before_the_other_page_is_built(qtbot, settings):
    window = Window(settings, kind_of=small_page)
    qtbot.addWidget(window)
    window.show()
    assert list(window.pages) == ["regression"]
    assert "Look far" in texts(opened(window))
    assert list(window.pages) == ["regression", "latent"]
    window.close()


def test_a_query_without_matches_shows_a_sentence(palette):
    palette.line.setText("xyzzy")
    assert texts(palette) == []
    assert palette.nothing.isVisibleTo(palette)
    QTest.keyClick(palette.line, Qt.Key.Key_Return)
    assert palette.isVisible()


@pytest.mark.parametrize(
    ("query", "better", "worse"),
    [
        ("dp", "Draw a point", "Deep"),
        ("post", "Exact posterior", "Positions of spots"),
        ("train", "Start training", "Through a rain"),
        ("model size", "Model size", "Models of any size and kind"),
        ("w0", "Weight w₀", "Wide 0"),
    ],
)
def test_beginnings_of_words_and_adjacent_letters_have_better_scores(query, better, worse):
    assert score(query, better) > score(query, worse)


def test_all_words_must_match_the_text_or_begin_a_word_of_the_context():
    assert score("", "Anything") == 0
    assert score("model obs", "Use the model", "Observe") is not None
    assert score("model xyz", "Use the model", "Observe") is None
    assert score("ä", "a") is not None
    assert score("ab", "ba") is None
