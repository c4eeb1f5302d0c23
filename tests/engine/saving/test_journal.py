"""The journal: the last complete record is read, whatever was cut off, and only windows that crashed are offered."""

import os
import time

import pytest
from msgspec.structs import replace

from engine.latent.document import Latent
from engine.lock import Lock
from engine.regression.document import Regression
from engine.saving import journal as journals
from engine.saving.journal import LOG, MOST_CLOSED, Journal, Snapshot, last_record, left_behind, plain_documents

PINNED = Latent().pin((0.5, -1.0))
WORK = Snapshot("unboxing", plain_documents([Regression().step_to(0), PINNED]), "/home/😀.bayescape", (1, 2), True, 3.0)


def crash(journal):
    """Let go of the lock, as the system does when a process ends."""
    journal._lock.release()


def test_the_last_record_and_its_documents_are_read(tmp_path):
    journal = Journal(tmp_path)
    journal.append(replace(WORK, time=1.0, front="latent"))
    journal.append(WORK)
    read = last_record(journal.folder)
    assert read == WORK and read.document("Latent") == PINNED and read.document("Regression") == Regression().step_to(0)
    assert replace(read, documents={"Latent": {"type": "Latent", "waiting": -1}}).document("Latent") is None
    assert read.document("Elephant") is None
    crash(journal)


def test_a_record_that_was_cut_off_at_any_byte_leaves_the_one_before(tmp_path):
    journal = Journal(tmp_path)
    first, second = WORK, replace(WORK, front="latent", time=9.0)
    journal.append(first)
    start = (journal.folder / LOG).stat().st_size
    journal.append(second)
    crash(journal)
    content = (journal.folder / LOG).read_bytes()
    for end in range(start, len(content) + 1):
        (journal.folder / LOG).write_bytes(content[:end])
        assert last_record(journal.folder) == (second if end >= len(content) - 1 else first)
    (journal.folder / LOG).write_bytes(content[: len(content) - 20])
    again = Journal(tmp_path)
    (journal.folder / LOG).replace(again.folder / LOG)
    again.append(second)  # after the cut-off record
    assert last_record(again.folder) == second
    crash(again)


def test_a_long_log_is_written_again_with_its_last_record(tmp_path, monkeypatch):
    monkeypatch.setattr(journals, "GROWTH", 2000)
    journal = Journal(tmp_path)
    for second in range(40):
        journal.append(replace(WORK, front=str(second)))
        assert last_record(journal.folder).front == str(second)
    assert (journal.folder / LOG).stat().st_size < 2000 + 4 * 500
    crash(journal)


def test_only_windows_that_crashed_are_offered_until_they_are_removed(tmp_path):
    living, crashed, saved = Journal(tmp_path), Journal(tmp_path), Journal(tmp_path)
    for journal in (living, crashed):
        journal.append(WORK)
    saved.append(replace(WORK, modified=False))
    crash(crashed)
    crash(saved)
    for _ in range(2):  # also after a second crash
        (left,) = left_behind(tmp_path)
        assert left.snapshot == WORK and left.thumbnail == b""
        assert left_behind(tmp_path) == []  # another window offers it
        left.release()
    assert not saved.folder.exists() and living.folder.exists()
    (left,) = left_behind(tmp_path)
    left.remove()
    assert left_behind(tmp_path) == [] and not crashed.folder.exists()
    living.close(None)


def test_a_window_that_starts_is_not_taken_for_a_crash(tmp_path):
    folder = tmp_path / "1-starting"
    folder.mkdir()
    assert left_behind(tmp_path) == [] and folder.exists()
    os.utime(folder, (time.time() - 7200,) * 2)
    assert left_behind(tmp_path) == [] and not folder.exists()


def test_what_a_window_leaves_when_it_closes_is_taken_over_once(tmp_path):
    for n in range(MOST_CLOSED + 3):
        Journal(tmp_path).close(replace(WORK, time=float(n)))
    one, two = Journal(tmp_path), Journal(tmp_path)
    assert one.take_over().time == MOST_CLOSED + 2
    assert two.take_over().time == MOST_CLOSED + 1
    crash(one)
    (left,) = left_behind(tmp_path)  # what was taken over is not lost by a crash before the first edit
    assert left.snapshot.time == MOST_CLOSED + 2
    left.remove()
    two.close(None)
    assert len(list((tmp_path / "closed").iterdir())) == MOST_CLOSED - 2
    Journal(tmp_path).close(None)


def test_the_window_that_closed_last_is_taken_over_though_the_clock_was_set_back(tmp_path, monkeypatch):
    for n in range(MOST_CLOSED):
        Journal(tmp_path).close(replace(WORK, time=float(n)))
    last = Journal(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(time, "time_ns", lambda: 1)
        last.close(replace(WORK, time=99.0))
    assert Journal(tmp_path).take_over().time == 99.0


def test_a_window_that_was_killed_with_everything_saved_is_taken_over_if_it_ended_last(tmp_path):
    def killed(time, **changes):
        journal = Journal(tmp_path)
        journal.append(replace(WORK, time=time, **changes))
        os.utime(journal.folder / LOG, (time, time))
        crash(journal)

    killed(1.0, modified=False)
    Journal(tmp_path).close(replace(WORK, time=2.0))
    (closed,) = (tmp_path / "closed").iterdir()
    os.utime(closed, (2, 2))
    killed(3.0, modified=False)
    killed(4.0, modified=False, file="")  # new documents, which nobody misses
    killed(5.0)  # unsaved work, which is offered and not shown
    one, two, three, four = (Journal(tmp_path) for _ in range(4))
    taken = [journal.take_over() for journal in (one, two, three, four)]
    assert [snapshot and snapshot.time for snapshot in taken] == [3.0, 2.0, 1.0, None]
    (left,) = left_behind(tmp_path)
    assert left.snapshot.time == 5.0
    left.remove()
    for journal in (one, two, three, four):
        journal.close(None)
    assert [path.name for path in tmp_path.iterdir()] == ["closed"]


def test_work_that_cannot_be_left_is_offered_at_the_next_start(tmp_path, monkeypatch):
    journal = Journal(tmp_path)
    journal.append(WORK)

    def refuse(_):
        raise OSError(28, "full")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", refuse)
        with pytest.raises(OSError, match="full"):
            journal.append(replace(WORK, front="latent"))
        with pytest.raises(OSError, match="full"):
            journal.close(WORK)
    (left,) = left_behind(tmp_path)
    left.remove()


def test_a_lock_is_held_once(tmp_path):
    lock = Lock.take(tmp_path / "lock")
    assert Lock.take(tmp_path / "lock") is None
    lock.release()
    lock.release()
    again = Lock.take(tmp_path / "lock")
    assert again is not None
    again.release()
