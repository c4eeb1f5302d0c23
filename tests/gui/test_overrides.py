"""Errors in what Qt calls: every event handler, event filter, size and paint that fails is reported, and Qt goes on."""

import importlib
import pkgutil

import pytest
from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

import gui
from gui.overrides import GUARD, _below, _is_of_qt
from gui.page.jobs import FAULT
from gui.shell.errors import Errors
from gui.shell.help.report import Report
from gui.widgets.banner import Banner

BY_PYTHON = {"setText"}  # a method of Qt that is not virtual: Qt never calls the override


@pytest.fixture
def errors(window):
    """The handler of errors of a window, as the program installs it."""
    errors = Errors()
    errors.reported.connect(window.banner.show_failure, Qt.ConnectionType.QueuedConnection)
    errors.install()
    yield errors
    errors.remove()


class Filter(QObject):
    """An event filter that fails when its widget is shown."""

    def eventFilter(self, watched, event):  # noqa: N802
        if event.type() == QEvent.Type.Show:
            raise RuntimeError("filter")
        return False


def failing(*names):
    """A widget whose methods with these names fail. Its class is defined after the handler is installed."""

    def method_of(name):
        def method(self, *_):
            raise RuntimeError(name)

        return method

    return type("Failing", (QWidget,), {name: method_of(name) for name in names})()


def test_a_window_is_shown_although_its_handlers_fail(qtbot, window, errors, capsys):
    said = []
    errors.reported.connect(lambda failure: said.append(failure.details.splitlines()[-1]))
    outer, filters = QWidget(), Filter()
    column = QVBoxLayout(outer)
    inner = failing("showEvent", "resizeEvent", "paintEvent", "sizeHint")
    inner.setMinimumSize(20, 20)
    inner.installEventFilter(filters)
    column.addWidget(inner)
    qtbot.addWidget(outer)
    with qtbot.waitExposed(outer):
        outer.show()
    outer.grab()
    kinds = {"filter", "showEvent", "resizeEvent", "paintEvent", "sizeHint"}
    assert {line.removeprefix("RuntimeError: ") for line in said} == kinds
    assert inner.sizeHint() == QSize()
    qtbot.waitUntil(lambda: window.banner.isVisible() and window.banner.text.text() == FAULT)
    assert "RuntimeError: paintEvent" in capsys.readouterr().err


def test_an_error_at_a_key_is_said_with_an_offer_to_report_it(qtbot, monkeypatch, window, errors, capsys):
    monkeypatch.setattr(window, "_step", lambda _: 1 / 0)
    window.activateWindow()
    window.setFocus()
    qtbot.keyClick(window, Qt.Key.Key_Space)
    qtbot.waitUntil(window.banner.isVisible)
    assert window.banner.text.text() == FAULT
    window.banner.report.click()
    box = QApplication.activeModalWidget()
    assert isinstance(box, Report)
    assert "ZeroDivisionError" in box.text.toPlainText()
    assert "Qt " in box.text.toPlainText()
    box.close()
    assert "Traceback" in capsys.readouterr().err


def test_a_refusal_offers_no_report(window):
    window.page.view.refused.emit("This is refused.")
    assert window.banner.isVisible()
    assert not window.banner.report.isVisible()


def test_an_error_passes_while_no_handler_is_installed(qtbot, errors):
    errors.remove()
    with pytest.raises(RuntimeError):
        failing("sizeHint").sizeHint()


def test_every_override_in_the_program_is_guarded(errors):
    """A method of Qt that gains an override needs its answer in ANSWERS, unless only Python calls it."""
    for module in pkgutil.walk_packages(gui.__path__, "gui."):
        importlib.import_module(module.name)
    overrides = {
        f"{kind.__name__}.{name}": method
        for kind in _below(QObject)
        if kind.__module__.startswith("gui.")
        for name, method in vars(kind).items()
        if callable(method) and name not in BY_PYTHON and not name.startswith("__") and _is_of_qt(kind, name)
    }
    assert [name for name, method in overrides.items() if not hasattr(method, "__wrapped__")] == []
    assert "Flow.setGeometry" in overrides and len(overrides) > 100
    assert not hasattr(Banner.say, "__wrapped__")
    assert GUARD.is_active
