"""A state machine over both documents and the lecture: whatever is done comes back by undo, and from the files."""

import pytest

from engine.lecture.answers import read_answers
from engine.lecture.files import decode, encode
from engine.lecture.memory import read_memories, save_memories
from engine.saving.own_models import open_work, save
from tests.gui.lecture.pressing import FEW, wait
from tests.gui.lecture.walking import Walk
from tests.proof.sizes import size


def check_files(walk, folder):
    """What is saved is what is read: the documents of the user, the lecture, its memory and the answers."""
    window, course = walk.window, walk.player.course
    save(folder / "work.bayescape", window.session.work)
    opened = {type(document): document for document in open_work(folder / "work.bayescape").documents}
    assert [opened[type(own)] for own in walk.own.values()] == list(walk.own.values())
    written = encode(course.lecture)
    assert encode(decode(written)) == written
    save_memories(folder / "memory.json", {FEW.head.title: course.memory})
    assert vars(read_memories(folder / "memory.json")[FEW.head.title]) == vars(course.memory)
    assert read_answers(walk.predict.path) == walk.predict.answers


def walk_through(window, folder, seed, acts):
    walk = Walk(window, seed)
    try:
        for n in range(acts):
            walk.act()
            if n % 30 == 29 and walk.player.course is not None:
                check_files(walk, folder)
        if not walk.player.running:
            walk.begin()
        wait(window)
        assert window.page.view.scene.document is window.page.store.document
        walk.undo_all()
        assert encode(walk.player.course.lecture) == encode(FEW)
        same = walk.start.keys() - walk.changed
        assert all(walk.stores[name].document == walk.start[name] for name in same)
    except AssertionError as error:
        error.add_note(f"seed {seed}: {walk.done}")
        raise


@pytest.mark.slow
def test_thirty_acts(window, tmp_path):
    walk_through(window, tmp_path, 1, 30)


@pytest.mark.proof
@pytest.mark.parametrize("seed", range(20))
def test_hundreds_of_acts(window, tmp_path, seed):
    walk_through(window, tmp_path, seed, size("ACTS"))
