"""The memory of lectures: it survives the program, and what is damaged in its file costs nothing else."""

import json

import pytest

from engine.latent.document import Latent
from engine.lecture.memory import (
    MOST_LECTURES,
    Forgotten,
    Left,
    Memory,
    read_memories,
    save_memories,
    update_memories,
)
from engine.lock import Lock
from engine.regression.document import Regression

STROKES = {("regression", "Prior"): [[(0.0, 1.0), (2.0, 3.5)]]}


@pytest.fixture
def memory():
    made = Memory()
    made.at, made.seen, made.done, made.revealed = "b", {"a", "b"}, {"a"}, {"b"}
    made.left = {"a": Left(Regression().observe(0.5, 0.1), 2), "b": Left(Latent(model="faces"), 0)}
    made.marks, made.edited = {"a": STROKES}, "{}"
    return made


def same(one, other):
    left = [{id_: (left.document, left.build) for id_, left in memory.left.items()} for memory in (one, other)]
    others = [(m.at, m.edited, m.seen, m.done, m.revealed, m.marks) for m in (one, other)]
    return left[0] == left[1] and others[0] == others[1]


def test_a_memory_comes_back_from_its_file(memory, tmp_path):
    path = tmp_path / "new" / "memory.json"
    assert read_memories(path) == {}
    save_memories(path, {"Lecture": memory, "Other": Memory()})
    back = read_memories(path)
    assert list(back) == ["Lecture", "Other"]
    assert same(back["Lecture"], memory)


def test_only_the_latest_lectures_are_kept(tmp_path):
    save_memories(tmp_path / "m", {str(n): Memory() for n in range(MOST_LECTURES + 5)})
    assert list(read_memories(tmp_path / "m")) == [str(n) for n in range(5, MOST_LECTURES + 5)]


@pytest.mark.parametrize("content", [b"", b"null", b'{"lectures": 3}', b"[" * 100_000, b"\xff"])
def test_a_damaged_file_is_no_memory(tmp_path, content):
    (tmp_path / "m").write_bytes(content)
    assert read_memories(tmp_path / "m") == {}


def test_a_damaged_document_costs_only_its_step(memory, tmp_path):
    save_memories(tmp_path / "m", {"Lecture": memory})
    plain = json.loads((tmp_path / "m").read_bytes())
    plain["lectures"]["Lecture"]["left"]["a"]["document"]["step"] = 77
    (tmp_path / "m").write_text(json.dumps(plain), "utf-8")
    back = read_memories(tmp_path / "m")["Lecture"]
    assert set(back.left) == {"b"}
    assert back.marks == memory.marks


def test_a_path_that_is_not_valid_utf_8_does_not_keep_the_rest_from_the_disk(memory, tmp_path):
    memory.left["b"] = Left(Latent(model="/tmp/\udcff"), 0)
    save_memories(tmp_path / "m", {"Lecture": memory})
    assert set(read_memories(tmp_path / "m")["Lecture"].left) == {"a"}


def test_what_is_forgotten_can_be_put_back_and_newer_changes_win(memory):
    before = memory.copy()
    forgotten = memory.forget("ab", done=True)
    assert (memory.left, memory.marks, memory.revealed, memory.done) == ({}, {}, set(), set())
    assert memory.seen == {"a", "b"}
    memory.recall(forgotten)
    assert same(memory, before)
    memory.forget_again(forgotten)
    newer = memory.left["a"] = Left(Regression(), 0)
    memory.recall(forgotten)
    assert memory.left["a"] is newer
    assert memory.forget(["c"], done=True) == Forgotten()
    assert memory.forget(["a"], done=False).done == frozenset()
    assert memory.done == {"a"}


def test_two_programs_keep_what_the_other_one_has_saved(memory, tmp_path):
    path = tmp_path / "m"
    save_memories(path, {"Lecture": memory})
    one, other = read_memories(path), read_memories(path)
    at_start = {title: each.copy() for title, each in one.items()}
    mine, theirs = one["Lecture"], other["Lecture"]
    mine.at, mine.left["c"] = "c", Left(Regression().observe(0.1, 0.2), 1)
    mine.seen |= {"c"}
    mine.forget(["a"], done=True)
    theirs.left["b"] = Left(Latent(model="coordinates"), 0)
    theirs.left["a"] = Left(theirs.left["a"].document, 2)  # an equal copy, as the player keeps it
    theirs.marks["b"], theirs.edited = STROKES, "{ }"
    theirs.done |= {"b"}
    update_memories(path, at_start, {"Lecture": mine, "New": Memory()})
    update_memories(path, at_start, {"Lecture": theirs})
    back = read_memories(path)
    assert list(back) == ["New", "Lecture"]
    both = back["Lecture"]
    assert (both.at, both.edited, both.seen, both.done, both.revealed) == ("c", "{ }", {"a", "b", "c"}, {"b"}, {"b"})
    assert {id_: each.document for id_, each in both.left.items()} == {
        "b": Latent(model="coordinates"),
        "c": Regression().observe(0.1, 0.2),
    }
    assert both.marks == {"b": STROKES}


def test_a_lock_that_is_never_released_costs_no_change(memory, tmp_path, monkeypatch):
    monkeypatch.setattr("engine.lecture.memory.PAUSE", 0)
    lock = Lock.take(tmp_path / "m.lock")
    update_memories(tmp_path / "m", {}, {"Lecture": memory})
    assert same(read_memories(tmp_path / "m")["Lecture"], memory)
    lock.release()
