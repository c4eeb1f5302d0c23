"""The store: every change is undoable, named, and merged only within one gesture."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.regression.document import Regression
from gui.page.store import MOST_EDITS, Edit, Store


def test_an_edit_that_changes_nothing_is_ignored(qapp):
    store = Store(Regression())
    store.commit(Edit("Nothing", Regression()))
    assert store.stack.count() == 0


@pytest.mark.slow
@given(edits=st.lists(st.tuples(st.integers(0, 3), st.floats(-1, 1)), max_size=20))
def test_undoing_all_edits_restores_the_start_and_redoing_them_the_end(qapp, edits):
    start = Regression()
    store = Store(start)
    for gesture, x in edits:
        document = store.document.observe(x, 0.0) if gesture else store.document.clear()
        store.commit(Edit("Edit", document, gesture or None))
    end = store.document
    while store.stack.canUndo():
        store.stack.undo()
    assert store.document == start
    while store.stack.canRedo():
        store.stack.redo()
    assert store.document == end


def test_edits_of_one_gesture_are_one_step(qapp):
    store = Store(Regression().observe(0, 0))
    for x in (0.1, 0.2, 0.3):
        store.commit(Edit("Move", store.document.move(0, x, 0), gesture="drag 1"))
    for x in (0.4, 0.5):
        store.commit(Edit("Move", store.document.move(0, x, 0), gesture="drag 2"))
    store.commit(Edit("Observe", store.document.observe(1, 1)))
    assert [store.stack.text(i) for i in range(store.stack.count())] == ["Move", "Move", "Observe"]
    store.stack.setIndex(1)
    assert store.document.observations.x[0] == 0.3


def test_edits_without_a_gesture_are_steps_of_their_own(qapp):
    store = Store(Regression())
    for x in (0.1, 0.2):
        store.commit(Edit("Observe", store.document.observe(x, 0.0)))
    assert store.stack.count() == 2


def test_a_gesture_that_ends_where_it_began_leaves_nothing_to_undo(qapp):
    store = Store(Regression().observe(0, 0).observe(1, 1))
    start = store.document
    for step in (1, 0):
        store.commit(Edit(f"Step to {step}", start.step_to(step), "step"))
    assert store.stack.text(0) == "Step to 0"  # the name of the last edit
    store.commit(Edit("Step to 2", start.step_to(2), "step"))
    assert (store.document, store.stack.count()) == (start, 0)


def test_each_change_is_signalled_once(qapp):
    store, documents = Store(Regression()), []
    store.changed.connect(documents.append)
    store.commit(Edit("Observe", Regression().observe(0, 0)))
    store.stack.undo()
    assert [len(document.observations) for document in documents] == [1, 0]


def test_the_oldest_of_very_many_edits_are_forgotten(qapp):
    store = Store(Regression())
    for n in range(MOST_EDITS + 3):
        store.commit(Edit("Observe", Regression().observe(n / 1000, 0)))
    assert store.stack.count() == MOST_EDITS
    while store.stack.canUndo():
        store.stack.undo()
    assert store.document == Regression().observe(2 / 1000, 0)
