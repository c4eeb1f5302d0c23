"""Recovery: a killed window loses at most two seconds, the offer stays until it is answered, closing reopens."""

import errno
import os
import random
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from engine.latent.document import Latent
from engine.latent.first_sight import first_sight
from engine.saving.journal import Journal, Snapshot, last_record, left_behind, plain_documents
from engine.saving.own_models import open_work
from gui.app import Options, _build_window, _recovering_window
from gui.page.store import Edit
from gui.shell.errors import Errors
from gui.shell.sessions.recovery import Recovery
from tests.gui.conftest import settle
from tests.gui.shell.sessions.conftest import PATIENCE, draw
from tests.gui.shell.sessions.scripted import EVERY, HOUR

ROOT = Path(__file__).resolve().parents[4]
AT_ONCE = 3  # programs
LOST = 2.0  # seconds of edits that a kill may cost


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
@pytest.mark.parametrize(
    ("kills", "last"),
    [
        pytest.param(3, 4.0, marks=[pytest.mark.slow, pytest.mark.timeout(180)], id="sample"),
        pytest.param(20, HOUR * EVERY / 1000, marks=[pytest.mark.proof, pytest.mark.timeout(1800)], id="hour"),
    ],
)
def test_a_kill_at_any_moment_loses_at_most_two_seconds_and_no_file(tmp_path, kills, last):
    """Kill the program at random moments of a scripted hour. `last` is the latest moment in seconds."""
    random.seed(14)
    folders = [tmp_path / str(number) for number in range(kills)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = list(pool.map(killed_at, folders, [random.uniform(1.0, last) for _ in folders]))
    for folder, (turns, killed) in zip(folders, found, strict=True):
        due = max((turn for turn, moment in turns if moment < killed - LOST), default=0)
        if not (journals := left_behind(folder / "data" / "Bayescape" / "recovery")):
            # Killed before the first record, or between a save and the next one: then the file has everything.
            saved = [len(open_work(file).documents[1].pins) for file in folder.glob("*.bayescape")]
            assert max(saved, default=0) >= due
            continue
        (left,) = journals
        recovered, last_folder = left.snapshot.document("Latent").pins, folder
        assert recovered[:due] == tuple((turn / 1000, 0.0) for turn in range(1, due + 1))
        assert len(left.snapshot.document("Regression").observations) >= due // 5
        for file in folder.glob("*.bayescape"):
            saved = open_work(file).documents[1].pins
            assert saved == tuple((turn / 1000, 0.0) for turn in range(1, len(saved) + 1))
        left.release()
    shown = scripted(last_folder, "restore").communicate()[0].split()  # in the window of the next start
    assert int(shown[0]) == len(recovered)


def scripted(folder, *options, output=subprocess.PIPE):
    """Start the program with the scripted session of a folder."""
    environment = {**os.environ, "XDG_DATA_HOME": str(folder / "data")}
    command = [sys.executable, "-m", "tests.gui.shell.sessions.scripted", str(folder), *options]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.DEVNULL)


def killed_at(folder, seconds):
    """Kill the scripted session some seconds after its first edit. Return its edits with their times, and the time."""
    folder.mkdir()
    with (folder / "turns").open("wb") as output:
        program = scripted(folder, output=output)
    while not (folder / "turns").stat().st_size and program.poll() is None:
        time.sleep(0.02)
    time.sleep(seconds)
    killed = time.time()
    program.kill()
    program.wait()
    lines = (folder / "turns").read_text().splitlines()[:-1]
    return [(int(turn), float(moment)) for turn, moment in map(str.split, lines)], killed


@pytest.fixture
def start(qtbot, settings, tmp_path):
    """Start windows with recovery, as the program does."""
    started = []

    def make(file=None):
        window = _recovering_window(Options(file=file), settings, Errors(), tmp_path / "recovery")
        window.resize(1280, 720)
        started.append(window)
        with qtbot.waitSignal(window.painted):
            window.show()
        settle(qtbot, window)
        window.stack.build_all()
        return window

    yield make
    for window in started:
        window.session.path = None
        window.close()
        window.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def crash(qtbot, window):
    """Record what the window shows, and let go of the lock as the system does after a kill. The window stays open."""
    recovery = window.findChild(Recovery)
    settle(qtbot, window)  # the small image is made of a window at rest
    recovery._on_still()
    qtbot.waitUntil(lambda: recovery.line.idle, timeout=PATIENCE)
    recovery.journal._lock.release()
    window.closing.disconnect(recovery.close)
    recovery.soon.timeout.disconnect(recovery.record)
    recovery.still.stop()
    recovery.line.close()


@pytest.mark.slow
def test_unsaved_work_is_offered_with_its_page_and_image_until_it_is_restored(qtbot, start, tmp_path):
    first = start()
    assert first.findChild(Recovery).offer is None
    draw(first, 3)
    drawn = first.page.store.document
    first.stack.commit(Edit("Pin", Latent().pin((0.5, -1.0))))
    first.show_page("regression")
    crash(qtbot, first)
    second = start()  # while the first window is still on the screen
    offer = second.findChild(Recovery).offer
    assert offer.list.count() == 1 and offer.list.item(0).text().startswith("Without a file\nRegression\n")
    assert not offer.list.item(0).icon().isNull() and offer.found[0].thumbnail.startswith(b"\x89PNG")
    assert second.page.store.document != drawn
    offer.waits.click()
    crash(qtbot, second)
    third = start()  # the offer has survived
    offer = third.findChild(Recovery).offer
    offer.restores.click()
    assert third.pages["regression"].store.document == drawn
    assert third.pages["latent"].store.document.pins == ((0.5, -1.0),)
    assert third.isWindowModified() and third.tabs.front == "regression"
    recovery = third.findChild(Recovery)
    qtbot.waitUntil(lambda: recovery.line.idle and not recovery._restored, timeout=PATIENCE)
    assert len([each for each in (tmp_path / "recovery").glob("[0-9]*") if (each / "log").exists()]) == 1
    third.undo.trigger()
    assert third.pages["regression"].store.document != drawn


@pytest.mark.slow
@pytest.mark.parametrize("gone", [False, True])
def test_what_is_restored_belongs_to_its_file_if_that_is_still_there(qtbot, start, tmp_path, gone):
    first, file = start(), tmp_path / "mine.bayescape"
    draw(first, 3)
    first.session._write(file, True)
    draw(first, 1)
    drawn = first.page.store.document
    crash(qtbot, first)
    if gone:
        file.unlink()
    second = start()
    second.findChild(Recovery).offer.restores.click()
    assert second.page.store.document == drawn
    assert ("mine" in second.windowTitle()) != gone
    assert second.isWindowModified()
    qtbot.waitUntil(lambda: second.findChild(Recovery).line.idle, timeout=PATIENCE)


@pytest.mark.slow
def test_edits_are_on_the_disk_before_a_page_is_built_and_while_it_loads(start):
    window = start()
    recovery, found = window.findChild(Recovery), []
    window.stack.fronting.connect(lambda: found.append(last_record(recovery.journal.folder)))
    draw(window)
    drawn = window.page.store.document
    window.show_page("latent")
    assert found[-1].document("Regression") == drawn
    window.page.store.commit(Edit("Pin", window.page.store.document.pin((0.5, -1.0))))
    recovery.line.wait(1.0)
    assert last_record(recovery.journal.folder).document("Latent").pins == ((0.5, -1.0),)


@pytest.mark.slow
def test_a_second_window_is_no_crash_and_the_session_of_the_window_that_ended_last_is_opened(qtbot, start, tmp_path):
    first = start()
    draw(first, 3)
    drawn = first.page.store.document
    qtbot.waitUntil(lambda: not first.findChild(Recovery).soon.isActive(), timeout=PATIENCE)
    second = start()
    assert second.findChild(Recovery).offer is None
    assert first.close()  # without a question
    third = start()
    assert third.pages["regression"].store.document == drawn
    assert third.isWindowModified() and third.session.path is None
    second.close()
    third.session._write(tmp_path / "mine.bayescape", True)
    qtbot.waitUntil(lambda: third.session.path is not None, timeout=PATIENCE)
    crash(qtbot, third)  # with everything saved: nothing is offered, and the session is there again
    fourth = start()
    assert fourth.findChild(Recovery).offer is None
    assert fourth.session.name == "mine.bayescape" and not fourth.isWindowModified()
    assert fourth.pages["regression"].store.document == drawn
    fourth.close()
    (tmp_path / "mine.bayescape").unlink()
    fifth = start()
    assert fifth.session.path is None and fifth.isWindowModified()
    assert fifth.pages["regression"].store.document == drawn


@pytest.mark.slow
def test_the_page_and_the_arrangement_that_were_in_front_come_back(settings):
    documents = plain_documents([Latent().pin((0.5, -1.0))])
    window = _build_window(Options(), settings, Errors(), Snapshot("unboxing", documents))
    assert window.tabs.front == "unboxing" and window.page.store.document == Latent().pin((0.5, -1.0))
    window.close()
    window = _build_window(Options(page="regression"), settings, Errors(), Snapshot("elsewhere", {"Latent": 3}))
    window.stack.build_all()
    assert window.tabs.front == "regression" and window.pages["latent"].store.document == first_sight()
    window.close()


@pytest.mark.slow
def test_a_window_that_is_closed_before_its_pages_are_built_loses_nothing(settings, tmp_path):
    pinned = Snapshot("regression", plain_documents([Latent().pin((0.5, -1.0))]), "", None, True)
    Journal(tmp_path).close(pinned)
    for _ in range(2):
        window = _recovering_window(Options(), settings, Errors(), tmp_path)
        assert "latent" not in window.pages
        window.findChild(Recovery).record()
        assert last_record(window.findChild(Recovery).journal.folder).document("Latent").pins == ((0.5, -1.0),)
        window.close()
    window = _recovering_window(Options(), settings, Errors(), tmp_path)
    window.stack.build_all()
    assert window.pages["latent"].store.document.pins == ((0.5, -1.0),)
    window.close()


@pytest.mark.slow
def test_a_file_that_was_changed_meanwhile_is_read_again_and_a_folder_that_refuses_turns_recovery_off(
    qtbot, settings, start, tmp_path
):
    first, path = start(), tmp_path / "mine.bayescape"
    first.session._write(path, True)
    qtbot.waitUntil(lambda: first.session.path is not None, timeout=PATIENCE)
    first.close()
    content = path.read_bytes()
    draw(first)
    first.session._write = None
    path.write_bytes(content)
    os.utime(path, (1, 1))
    second = start()
    qtbot.waitUntil(lambda: second.session.name == "mine.bayescape", timeout=PATIENCE)
    assert not second.isWindowModified()
    (tmp_path / "file").touch()
    window = _recovering_window(Options(), settings, Errors(), tmp_path / "file" / "recovery")
    assert window.banner.text.text().startswith("Recovery is off, because nothing can be written to the program's")
    assert window.findChild(Recovery) is None
    window.close()
    window.deleteLater()


@pytest.mark.slow
def test_a_full_disk_is_said_once_and_the_record_before_stays(qtbot, start, monkeypatch):
    window = start()
    recovery = window.findChild(Recovery)
    draw(window)
    recovery.record()
    qtbot.waitUntil(lambda: recovery.line.idle, timeout=PATIENCE)
    before, said = last_record(recovery.journal.folder), []
    recovery.noticed.connect(said.append)

    def refuse(_):
        raise OSError(errno.ENOSPC, "full")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", refuse)
        for _ in range(2):
            draw(window)
            recovery.record()
            qtbot.waitUntil(lambda: recovery.line.idle, timeout=PATIENCE)
    assert said == ["The latest changes were not recorded for recovery: the disk is full. Save your work in a file."]
    assert window.banner.text.text() == said[0]
    assert last_record(recovery.journal.folder).documents["Regression"] and before.modified
    draw(window)
    recovery.record()
    qtbot.waitUntil(lambda: recovery.line.idle, timeout=PATIENCE)
    assert last_record(recovery.journal.folder).document("Regression") == window.page.store.document
