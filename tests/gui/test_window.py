"""The window: pages, files, layouts, appearance and error messages."""

import threading

import pytest
import shiboken6
from msgspec.structs import replace
from PySide6.QtCore import QByteArray, Qt
from PySide6.QtWidgets import QApplication, QDockWidget, QTextBrowser

from engine.regression.document import Regression
from gui.page.jobs import FAULT, Failure
from gui.page.store import Edit
from gui.plots.plot import Plot
from gui.regression.weight_space import Posterior
from gui.shell import theme
from gui.shell.errors import Errors
from gui.shell.settings import Settings, sealed, unsealed
from gui.window import Window
from tests.gui.conftest import settle


def seed(window):
    """Make an edit of the Regression page: the same document with another seed."""
    document = window.page.store.document
    edited = replace(document, seed=document.seed + 1)
    window.page.store.commit(Edit("Change the seed", edited))
    return edited


@pytest.mark.slow
def test_undo_has_the_name_of_the_edit(window):
    seed(window)
    assert window.undo.text() == "Undo Change the seed"
    window.undo.trigger()
    assert window.redo.text() == "Redo Change the seed"
    window.show_page("latent")
    assert window.redo.text() == "Redo"


@pytest.mark.slow
def test_a_session_is_saved_and_opened(qtbot, window, tmp_path, monkeypatch):
    path = tmp_path / "mine.json"
    window.files.open_step(3)
    document = window.page.store.document
    monkeypatch.setattr("PySide6.QtWidgets.QFileDialog.getSaveFileName", lambda *_: (str(path), ""))
    window.session.save()
    seed(window)
    window.show_page("latent")
    monkeypatch.setattr("PySide6.QtWidgets.QFileDialog.getOpenFileName", lambda *_: (str(path), ""))
    window.files.open()
    assert window.page.view.name == "regression"
    assert window.page.store.document == document
    window.files.new()
    assert window.page.store.document == Regression()


BAD_SESSIONS = [b"", b"{", b"[]", b"\xff\xff", b"[" * 100_000, b'{"document": {"type": "Regression", "seed": -1}}']
BAD_SETTINGS = [b"\x00\xff" * 500, b"[layout\nregression=", b"appearance=7\ntext=elephant\ncolours=jet\n"]


@pytest.mark.slow
@pytest.mark.parametrize("content", BAD_SESSIONS)
def test_a_bad_file_is_explained_and_changes_nothing(window, tmp_path, content):
    path = tmp_path / "bad.json"
    path.write_bytes(content)
    before = window.page.store.document
    window.open_file(path)
    assert window.page.store.document is before
    assert window.banner.isVisible()
    assert window.banner.text.text().startswith("bad.json is not a session of this program: ")
    window.open_file(tmp_path / "nothing.json")
    assert window.banner.text.text() == "nothing.json cannot be read: it does not exist."


@pytest.mark.slow
def test_a_file_that_cannot_be_written_is_explained(window, tmp_path, monkeypatch):
    target = str(tmp_path / "nowhere" / "mine.json")
    monkeypatch.setattr("PySide6.QtWidgets.QFileDialog.getSaveFileName", lambda *_: (target, ""))
    window.session.save()
    assert "cannot be written" in window.banner.text.text()


@pytest.mark.slow
def test_a_layout_is_restored(open_window, settings):
    window = open_window()
    dock = window.page.view.docks["Model"]
    dock.close()
    window.page.view.docks["Prior"].setFloating(True)
    window.close()
    again = open_window()
    assert not again.page.view.docks["Model"].isVisible()
    assert again.page.view.docks["Prior"].isFloating()
    again.stack.reset_layout()
    assert again.page.view.docks["Model"].isVisible()
    assert not again.page.view.docks["Prior"].isFloating()


@pytest.mark.slow
def test_a_damaged_layout_is_not_restored_and_reported_once(open_window, settings):
    open_window().close()
    saved = settings.text("layout/regression", "")
    for damage in (saved[:-8], saved[:40] + "A" + saved[41:], "!!!!", "AAAA"):
        settings.keep("layout/regression", damage)
        window = open_window()
        assert "The default layout is used" in window.banner.text.text()
        assert all(dock.isVisible() for dock in window.page.view.findChildren(QDockWidget))
        window.close()
        window = open_window()
        assert not window.banner.isVisible()
        window.close()


@pytest.mark.slow
def test_a_layout_that_ended_the_program_is_not_restored_again(open_window, settings):
    open_window().close()
    settings.restoring = True
    window = open_window()
    assert "could not be restored" in window.banner.text.text()
    assert not settings.restoring


def test_every_flipped_bit_of_a_sealed_layout_is_detected():
    whole = sealed(b"state")
    assert unsealed(whole) == b"state"
    for i in range(len(whole)):
        broken = bytearray(whole)
        broken[i] ^= 1
        with pytest.raises(ValueError, match="layout"):
            unsealed(bytes(broken))
    with pytest.raises(ValueError, match="layout"):
        unsealed(b"")


@pytest.mark.slow
@pytest.mark.parametrize("content", BAD_SETTINGS)
def test_damaged_settings_are_replaced_by_the_defaults(open_window, settings, content):
    settings.folder.mkdir(parents=True, exist_ok=True)
    (settings.folder / "settings.ini").write_bytes(content)
    settings.__init__(settings.folder)
    window = open_window()
    assert "The settings were damaged" in window.banner.text.text()
    assert window.page.view.docks["Model"].isVisible()
    assert settings.number("text", 1.0, theme.SIZES) == 1.0
    assert settings.text("colours", "viridis", theme.MAPS) == "viridis"
    window.close()
    settings.__init__(settings.folder)
    assert not open_window().banner.isVisible()


@pytest.mark.slow
def test_plots_stay_visible_at_every_text_size(qtbot, window):
    for _ in theme.SIZES:
        window.appearance.larger()
    assert QApplication.font().pointSizeF() == pytest.approx(10.5 * 2.5)
    settle(qtbot, window)
    for plot in window.page.view.findChildren(Plot):
        behind_a_tab = plot.visibleRegion().isEmpty()
        assert behind_a_tab or plot.box.boundingRect().width() > 40
    for _ in theme.SIZES:
        window.appearance.smaller()
    assert QApplication.font().pointSizeF() == pytest.approx(10.5)
    window.appearance.larger()
    window.appearance.normal()
    assert QApplication.font().pointSizeF() == pytest.approx(10.5)


@pytest.mark.slow
def test_plots_follow_appearance_and_colour_map(qtbot, window):
    window.appearance.use("dark")
    assert theme.is_dark()
    plot = window.page.view.panel(Posterior).plot
    assert plot.backgroundBrush().color() == theme.paper()
    before = plot.grab().toImage()
    window.appearance.use_colours("magma")
    assert plot.grab().toImage() != before
    window.appearance.use("light")
    assert not theme.is_dark()


@pytest.mark.slow
def test_a_worker_exception_shows_a_banner_and_the_plot_stays(qtbot, window, monkeypatch):
    window.files.open_step(2)
    settle(qtbot, window)
    plot = window.page.view.panel(Posterior).plot
    image = plot.raster._image.copy()

    def broken(*_):
        raise RuntimeError("the worker tripped")

    monkeypatch.setattr(window.page._scheduler, "unfold", broken)
    window.files.open_step(3)
    settle(qtbot, window)
    assert window.banner.text.text() == FAULT and "the worker tripped" in window.banner.details
    assert "Traceback" in window.banner.details
    assert window.banner.more.isVisible()
    assert plot.raster._image == image
    monkeypatch.undo()
    window.files.open_step(4)
    settle(qtbot, window)
    assert plot.raster._image != image


@pytest.mark.slow
def test_an_uncaught_exception_is_shown_in_the_banner(qtbot, window, capsys):
    errors = Errors()
    errors.reported.connect(window.banner.show_failure)
    errors.install()
    try:
        thread = threading.Thread(target=lambda: 1 / 0)
        thread.start()
        thread.join()
        qtbot.waitUntil(lambda: window.banner.text.text() == FAULT)
        assert "ZeroDivisionError" in window.banner.details
    finally:
        errors.remove()
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.slow
def test_details_and_dismissal(qtbot, window):
    window.banner.show_failure(Failure("a reason", "the whole story"))
    window.banner.more.click()
    box = QApplication.activeModalWidget()
    assert box.detailedText() == "the whole story"
    box.close()
    window.banner.dismiss.click()
    assert not window.banner.isVisible()


@pytest.mark.slow
def test_after_closing_no_thread_and_no_widget_is_left(qtbot, settings):
    before = set(threading.enumerate())
    window = Window(settings)
    with qtbot.waitSignal(window.painted):
        window.show()
    settle(qtbot, window)
    widgets = window.findChildren(QDockWidget)
    window.close()
    assert set(threading.enumerate()) - before == set()
    window.deleteLater()
    qtbot.waitUntil(lambda: not any(shiboken6.isValid(widget) for widget in [window, *widgets]))


@pytest.mark.slow
def test_about_and_keys(qtbot, window):
    for show, word in ((window.help.about, "PySide6-Essentials"), (window.help.show_keys, "Right-click")):
        show()
        box = QApplication.activeModalWidget()
        assert word in box.findChild(QTextBrowser).toPlainText()
        assert box.width() <= window.width()
        assert box.height() <= window.height()
        box.close()


def test_invalid_settings_are_ignored(tmp_path):
    settings = Settings(tmp_path)
    settings.keep("appearance", "purple")
    assert settings.text("appearance", "system", ("system", "light", "dark")) == "system"
    settings.keep_layout("x", QByteArray(b"state"))
    assert settings.layout("x") == QByteArray(b"state")
    assert settings.layout("y") is None


def widths_of(view):
    """The widths of the docks that are not hidden, by title."""
    return {title: dock.width() for title, dock in view.docks.items() if not dock.isHidden()}


@pytest.mark.slow
def test_a_page_that_was_not_shown_keeps_its_default_layout(open_window):
    widths = widths_of(open_window("latent").page.view)
    open_window().close()
    assert widths_of(open_window("latent").page.view) == widths


@pytest.mark.slow
def test_floating_panels_are_hidden_and_shown_with_their_page(open_window):
    window = open_window()
    prior = window.page.view.docks["Prior"]
    prior.setFloating(True)
    window.show_page("latent")
    assert not prior.isVisible()
    window.close()
    again = open_window("latent")
    again.stack.build_all()
    prior = again.pages["regression"].view.docks["Prior"]
    assert not prior.isVisible()
    again.show_page("regression")
    assert prior.isVisible()
    assert prior.isFloating()


@pytest.mark.slow
def test_an_appearance_for_this_run_is_not_saved(qtbot, settings):
    window = Window(settings, appearance="dark")
    qtbot.addWidget(window)
    assert theme.is_dark()
    assert settings.text("appearance", "system") == "system"
    theme.apply("light", 1.0)


@pytest.mark.slow
def test_a_layout_is_kept_in_runs_that_do_not_show_its_page(qtbot, open_window):
    window = open_window("latent")
    view = window.page.view
    qtbot.waitUntil(lambda: not view.sizes.settling.isActive())  # then new panels no longer change the sizes
    view.resizeDocks(list(view.docks.values())[:1], [500], Qt.Orientation.Horizontal)
    settle(qtbot, window)
    qtbot.waitUntil(lambda: not view.sizes.settling.isActive())
    widths = widths_of(view)
    assert widths["The plane"] < 700  # it was 736
    window.close()
    for _ in range(2):
        open_window().close()
    assert widths_of(open_window("latent").page.view) == widths


def test_closing_at_once_does_not_count_as_a_failed_restoration(qtbot, settings):
    window = Window(settings)
    qtbot.addWidget(window)
    assert settings.restoring
    window.close()
    assert not settings.restoring
