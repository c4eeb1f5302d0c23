"""Laws for every panel of every page."""

import pytest
from PySide6.QtCore import QByteArray
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QAbstractButton, QComboBox, QDockWidget, QLabel, QLineEdit, QMenu

from gui.page.titlebar import TitleBar
from gui.pages import PAGES, TITLES, page_kind
from gui.plots.plot import Plot
from gui.shell.theme import ROLES
from gui.widgets.explanation import Explanation
from gui.widgets.mathtext import svg

PANELS = [(page, kind) for page in map(page_kind, PAGES) for kind in page.panels]
every_panel = pytest.mark.parametrize(
    ("page", "kind"), PANELS, ids=[f"{page.name}-{kind.__name__}" for page, kind in PANELS]
)
every_page = pytest.mark.parametrize("page", [page_kind(name) for name in PAGES], ids=PAGES)


@pytest.mark.slow
@every_panel
def test_a_panel_has_an_explanation_and_an_equation(page, kind):
    assert kind.title
    assert kind.sentence.endswith(".")
    assert not kind.role or kind.role in ROLES
    drawing = svg(kind.equation, 14, "#000000")
    assert b"<use" not in drawing
    renderer = QSvgRenderer(QByteArray(drawing))
    assert renderer.isValid()
    assert renderer.defaultSize().width() > 50


@every_panel
def test_a_panel_lies_beside_an_earlier_one(page, kind):
    orders = {(place.arrangement, other.title): place.order for other in page.panels for place in places(other)}
    for place in places(kind):
        assert not place.beside or orders[place.arrangement, place.beside] < place.order


def places(kind):
    return kind.place, *kind.also


@every_panel
def test_a_panel_accepts_a_document_and_an_answer_before_the_first_scene(qtbot, page, kind):
    panel = kind()
    qtbot.addWidget(panel)
    panel.echo(page.document())
    panel.reveal(None)


@pytest.fixture(params=list(TITLES))
def shown(request, open_window):
    view = open_window(request.param).page.view
    for kind in view.kinds:
        view.panel(kind)  # panels behind a tab as well
    return view


@pytest.mark.slow
def test_every_panel_is_a_dock_with_a_name_and_a_menu_entry(shown):
    docks = shown.findChildren(QDockWidget)
    assert len({dock.objectName() for dock in docks}) == len(docks) == len(shown.panels)
    actions = [*shown.panel_actions(), *shown.panel_actions(elsewhere=True)]
    assert sorted(action.text() for action in actions) == sorted(shown.panels)


@pytest.mark.slow
def test_every_control_has_a_name_for_screen_readers(shown):
    for kind in (QAbstractButton, QLineEdit, QComboBox, Plot):
        for widget in shown.findChildren(kind):
            if widget.objectName().startswith("qt_"):
                continue
            assert widget.accessibleName() or getattr(widget, "text", lambda: "")(), widget


@pytest.mark.slow
def test_closing_floating_and_resetting(shown):
    docks = shown.findChildren(QDockWidget)
    for i, dock in enumerate(docks):
        (dock.close if i % 2 else lambda dock=dock: dock.setFloating(True))()
    assert not docks[1].isVisible()
    assert docks[0].isFloating()
    shown.arrange()
    assert not any(dock.isFloating() for dock in docks)
    visible = {title for title, dock in shown.docks.items() if dock.isVisible()}
    assert visible == {kind.title for kind in shown.kinds if kind.place_in(shown.arrangement)}


@pytest.mark.slow
def test_menus_and_explanations_open(qtbot, shown):
    for dock in shown.findChildren(QDockWidget):
        bar = dock.titleBarWidget()
        assert isinstance(bar, TitleBar)
        bar.pop_menu(bar.mapToGlobal(bar.rect().center()))
        menu = bar.findChild(QMenu)
        assert {"Copy picture", "Export figure…"} <= {action.text() for action in menu.actions()}
        menu.close()
        bar.buttons["help"].click()
        explanation = bar.findChild(Explanation)
        words = explanation.findChildren(QLabel)[1]
        assert words.height() >= words.heightForWidth(words.width())
        assert bar.kind.sentence in [label.text() for label in explanation.findChildren(QLabel)]
        assert explanation.screen().availableGeometry().contains(explanation.geometry())
        explanation.close()


@every_page
def test_a_page_has_the_title_of_its_tab(page):
    assert TITLES[page.name] == page.title


@every_page
def test_a_panel_lies_beside_an_earlier_one_of_the_same_arrangement(page):
    for arrangement in {place.arrangement for kind in page.panels for place in (kind.place, *kind.also)}:
        places = {kind.title: place for kind in page.panels if (place := kind.place_in(arrangement))}
        assert len({place.order for place in places.values()}) == len(places)
        first, *others = sorted(places.values(), key=lambda place: place.order)
        assert not first.beside
        assert all(places[place.beside].order < place.order for place in others)


@every_page
def test_the_titles_of_panels_and_the_texts_of_commands_are_unambiguous(page):
    titles = [kind.title for kind in page.panels]
    assert len(set(titles)) == len(titles)
    entries = [(command.menu, command.text) for kind in (*page.panels, *page.controllers) for command in kind.commands]
    assert len(set(entries)) == len(entries)
