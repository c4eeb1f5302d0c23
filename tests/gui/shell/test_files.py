"""Files are opened by the page that reads them, invalid files are explained, and the appearance is saved."""

import os
import sys
from pathlib import Path

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent

from gui.page.store import Edit
from gui.shell.export import write_file
from gui.shell.settings import Settings
from tests.gui.shell.small_pages import Trainer


def dropped(path):
    """The drop event of a file that another program offers to move."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    event = QDropEvent(QPointF(9, 9), Qt.DropAction.MoveAction | Qt.DropAction.CopyAction, data, buttons, keys)
    event.data = data  # the event does not own its data
    return event


def three(document):
    """An edit that sets the number to 3."""
    return Edit("Count", replace(document, total=3))


@pytest.mark.slow
def test_a_file_is_read_by_the_page_that_accepts_it(small_window):
    small_window.open_file(Path("a.npz"))
    assert small_window.tabs.front == "latent"
    assert small_window.page.view.controller(Trainer).taken == Path("a.npz")


@pytest.mark.slow
def test_a_dropped_file_is_opened_and_copied_never_moved(small_window, tmp_path):
    event = dropped(tmp_path / "b.npz")
    small_window.drops.eventFilter(small_window, event)
    assert event.dropAction() == Qt.DropAction.CopyAction
    assert small_window.pages["latent"].view.controller(Trainer).taken == tmp_path / "b.npz"


def test_a_missing_file_is_explained(small_window, tmp_path):
    small_window.open_file(tmp_path / "nothing.json")
    assert small_window.banner.text.text() == "nothing.json cannot be read: it does not exist."


@pytest.mark.slow
def test_new_is_undoable(small_window):
    small_window.show_page("latent")
    document = small_window.page.store.document
    small_window.stack.commit(three(document))
    small_window.files.new()
    assert small_window.page.store.document == document
    small_window.undo.trigger()
    assert small_window.page.store.document.total == 3


@pytest.mark.slow
def test_an_edit_of_another_page_brings_that_page(small_window):
    document = small_window.pages["latent"].store.document
    small_window.stack.commit(three(document))
    assert small_window.tabs.front == "latent"
    assert small_window.pages["regression"].store.document.total == 0


@pytest.mark.slow
def test_appearance_and_text_size_are_saved(small_window, settings):
    small_window.appearance.larger()
    small_window.appearance.use("dark")
    again = Settings(settings.folder)
    settings.store.sync()
    assert again.text("appearance", "system") == "dark"
    assert small_window.appearance.text_size > 1
    small_window.appearance.normal()
    small_window.appearance.use("light")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit of the size of a file")
def test_a_file_that_cannot_be_written_completely_stays_as_it_was(tmp_path):
    import resource

    write_file(tmp_path / "x.txt", b"before")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2**20, limits[1]))
    try:
        with pytest.raises(OSError, match=r"^x\.txt cannot be written: .+\.$"):
            write_file(tmp_path / "x.txt", bytes(2**22))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    with pytest.raises(OSError, match=r"^y\.txt cannot be written"):
        write_file(tmp_path / "nowhere" / "y.txt", b"after")
    assert (tmp_path / "x.txt").read_bytes() == b"before" and len(list(tmp_path.iterdir())) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere each name is valid Unicode")
def test_a_file_is_written_to_a_folder_whose_name_is_not_utf_8_and_not_to_another_one(tmp_path):
    folder, other = tmp_path / os.fsdecode(b"bl\xfcten"), tmp_path / "bl�ten"
    folder.mkdir()
    other.mkdir()
    write_file(folder / "a.png", b"picture")
    assert (folder / "a.png").read_bytes() == b"picture" and not list(other.iterdir())
    folder.chmod(0o500)
    try:
        if not os.access(folder, os.W_OK):  # the superuser may write everywhere
            with pytest.raises(OSError, match=r"^b\.png cannot be written: you do not have permission\.$"):
                write_file(folder / "b.png", b"picture")
    finally:
        folder.chmod(0o700)
