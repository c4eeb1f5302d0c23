"""Lecture files: what is damaged is named in one sentence, and the rest of the lecture plays."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.lecture.check import problems, unavailable
from engine.lecture.documents import changes, stages
from engine.lecture.files import decode, encode
from engine.lecture.lecture import Lecture, Step
from engine.lecture.shipped import files, shipped
from engine.regression.data_space import DataSpaceSettings
from engine.regression.document import Regression

PANELS = {"regression": ("Prior", "Data space"), "latent": ("The plane",), "unboxing": ("The plane",)}
GOOD = {"id": "good", "title": "Good", "show": [["Prior"]], "change": {"observations": {"x": [1.0], "t": [2.0]}}}


def lecture(*steps, **head) -> Lecture:
    content = {"bayescape": 1, "title": "Test", "steps": [*steps, GOOD], **head}
    return decode(json.dumps(content).encode(), "test.json")


def sentences(read):
    return list(problems(read, PANELS.get))


@pytest.mark.parametrize(
    ("step", "names"),
    [
        ({"id": "a", "title": "A", "surprise": 1}, ("“a”", "surprise")),
        ({"id": "a"}, ("“a”", "title")),
        ({"id": "a", "title": ""}, ("“a”", "title")),
        ({"id": "a", "title": "A", "tab": "elephant"}, ("“a”", "tab")),
        ({"id": "A b", "title": "A"}, ("“A b”", "id")),
        ({"id": "good", "title": "Other"}, ("“good”", "id", "same")),
        ("no object", ("number 1",)),
        ({"id": "a", "title": "A", "show": [["Elephant"]]}, ("“a”", "show", "Elephant")),
        ({"id": "a", "title": "A", "show": [["Prior"], ["Prior"]]}, ("“a”", "show", "twice")),
        ({"id": "a", "title": "A", "show": [["Prior"]], "veil": ["Data space"]}, ("“a”", "veil", "Data space")),
        ({"id": "a", "title": "A", "needs": {"models": ["unicorn"]}}, ("unicorn",)),
        ({"id": "a", "title": "A", "tab": "latent", "change": {"model": ""}}, ("“a”", "change")),
        ({"id": "a", "title": "A", "change": {"step": 5}}, ("“a”", "change", "Step 5")),
        ({"id": "a", "title": "A", "change": {"stepp": 5}}, ("“a”", "change")),
        ({"id": "a", "title": "A", "change": {"settings": {"Elephant": {}}}}, ("“a”", "change")),
        ({"id": "a", "title": "A", "change": {"settings": {"Display": 3}}}, ("“a”", "change")),
        ({"id": "a", "title": "A", "builds": [{"change": {"step": 5}}]}, ("“a”", "builds, number 1")),
        ({"id": "a", "title": "A", "from": "nowhere"}, ("“a”", "from", "nowhere")),
        ({"id": "a", "title": "A", "from": "a"}, ("“a”", "from", "circle")),
        ({"id": "a", "title": "A", "tab": "latent", "from": "good"}, ("“a”", "tab", "Regression")),
        ({"id": "a", "title": "A", "section": "None"}, ("“a”", "section")),
        ({"id": "a", "title": "A", "question": {"ask": "?", "kind": "choice", "options": ["x"]}}, ("“a”", "options")),
        ({"id": "a", "title": "A", "question": {"ask": "?", "kind": "point", "answer": [1, 2]}}, ("“a”", "panel")),
        ({"id": "a", "title": "A", "question": {"ask": "?", "kind": "number", "answer": "x"}}, ("“a”", "number")),
        ({"id": "a", "title": "A", "look": {"data": [0, 1, 2]}}, ("“a”", "look")),
    ],
)  # fmt: skip
def test_a_faulty_step_is_named_and_the_rest_plays(step, names):
    read = lecture(step) if not isinstance(step, dict) or step.get("id") != "good" else lecture(GOOD, step)
    found = sentences(read)
    assert len(found) >= 1
    for name in names:
        assert name in found[0]
    assert "\n" not in found[0]
    assert found[0].endswith(".")
    assert len(found[0]) < 330
    assert len({step.id for step in read.steps}) == len(read.steps)
    assert unavailable(read, read.step("good"), PANELS.get) == ""
    assert stages(read, "good")[0].document.observations.t.tolist() == [2.0]


def test_a_circle_of_two_and_a_selection_of_nothing_are_named():
    one = {"id": "a", "title": "A", "from": "b"}
    other = {"id": "b", "title": "B", "from": "a"}
    found = sentences(lecture(one, other, selections=[{"title": "Short", "steps": ["a", "z"]}]))
    assert found[0] == "Selection “Short”, field “steps”: there is no step z."
    assert "a → b → a" in found[1]
    assert "b → a → b" in found[2]


def test_what_a_step_needs_is_no_fault_and_keeps_it_from_being_shown():
    step = {"id": "a", "title": "A", "needs": {"missing": "This step needs a GAN."}}
    read = lecture(step)
    assert sentences(read) == []
    assert unavailable(read, read.step("a"), PANELS.get) == "This step needs a GAN."


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"null", b"\xff\xfe", b"[" * 200_000, b'{"bayescape": 1, "title": "x", "steps": 3}',
     b'{"bayescape": 1, "steps": []}', b'{"bayescape": 2, "document": {"type": "Regression"}}',
     b'{"bayescape": 99, "title": "x", "steps": []}', b'{"bayescape": true, "title": "x", "steps": []}',
     b'{"bayescape": 1, "title": "x", "sections": [{"title": 3}], "steps": []}'],
)  # fmt: skip
def test_a_file_that_is_no_lecture_is_refused_in_one_sentence(content):
    with pytest.raises(ValueError, match="lecture") as caught:
        decode(content, "x.json")
    assert str(caught.value).startswith("x.json ")
    assert "\n" not in str(caught.value)


def test_a_saved_lecture_is_sorted_and_keeps_what_could_not_be_read():
    strange = {"id": "a", "title": "A", "surprise": {"z": 1, "b": [1, 2]}}
    saved = encode(lecture(strange))
    assert json.loads(saved)["steps"] == [strange, GOOD]
    assert encode(decode(saved)) == saved
    lines = saved.decode().splitlines()
    assert max(len(line) for line in lines) < 200
    fields = [line.split('"')[1] for line in lines if line.startswith('   "')]
    assert fields == ["id", "surprise", "title", "change", "id", "show", "title"]  # sorted in each step


@given(st.integers(0, 10**4), st.binary(min_size=1, max_size=3))
def test_no_damage_of_the_file_is_anything_but_a_sentence(at, what):
    """Bytes of the shipped lecture are replaced, as by a damaged disk."""
    content = bytearray(files()[0].read_bytes())
    place = at % len(content)
    content[place : place + len(what)] = what
    try:
        read = decode(bytes(content), "x.json")
    except ValueError as error:
        assert str(error).startswith("x.json ")
    else:
        assert all("\n" not in sentence for sentence in read.refused.values())


def test_the_document_of_a_step_is_the_merge_along_its_chain():
    child = {
        "id": "child",
        "title": "C",
        "from": "good",
        "change": {"step": 1, "settings": {"DataSpaceSettings": {"samples": 3}}},
    }
    grandchild = {
        "id": "grandchild",
        "title": "G",
        "from": "child",
        "change": {"settings": {"DataSpaceSettings": {"deviations": 2}}},
    }
    document = stages(lecture(grandchild, child), "grandchild")[0].document
    assert (document.step, document[DataSpaceSettings].samples, document[DataSpaceSettings].deviations) == (1, 3, 2)
    read = lecture(child)
    assert changes(read, "good", stages(read, "child")[0].document) == child["change"]
    assert changes(read, None, Regression()) == {}


def test_builds_come_one_observation_at_a_time_or_as_listed():
    three = {"x": [1.0, 2.0, 3.0], "t": [0.0, 0.0, 0.0]}
    fed = {"id": "fed", "title": "F", "change": {"observations": three, "step": 1}, "builds": "observations"}
    builds = [{"change": {"step": 2}, "say": "Second."}, {"change": {"seed": 5}, "look": {"data": [0, 1, 0, 1]}}]
    listed = {"id": "listed", "title": "L", "text": "First.", "change": {"observations": three}, "builds": builds}
    read = lecture(fed, listed)
    assert [stage.document.step for stage in stages(read, "fed")] == [1, 2, 3]
    seen = stages(read, "listed")
    assert [(stage.document.step, stage.document.seed, stage.say) for stage in seen] == [
        (0, 1, "First."), (2, 1, "Second."), (2, 5, "Second.")]  # fmt: skip
    assert [stage.look for stage in seen] == [{}, {}, {"data": (0.0, 1.0, 0.0, 1.0)}]


def test_the_shipped_lecture_has_a_step_for_every_slide_and_no_fault():
    from engine.latent.model_source import shipped_models

    read = shipped(files()[0])
    assert read.refused == {}
    assert len(read.steps) == 46
    assert sum(step.minutes for step in read.steps) == pytest.approx(sum(s.minutes for s in read.head.sections), abs=3)
    assert len(read.selected("Short lecture")) == 18
    assert "mnist" in shipped_models()
    for step in read.steps:
        assert step.text
        assert step.question
        assert step.try_
        assert step.text.count(". ") <= 1  # two sentences
        assert all(len(sentence.split()) <= 25 for sentence in step.text.split(". "))
        stages(read, step.id)


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 10**6) | st.floats(-1e6, 1e6) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["step", "model", "x", "ask"]), inner),
    max_leaves=5,
)
CHILD = {
    "id": "child",
    "title": "Child",
    "from": "good",
    "change": {"step": 1},
    "show": [["Prior"]],
    "goal": "step = 1",
}


@settings(max_examples=40)
@given(st.sampled_from(sorted(Step.__struct_encode_fields__)), PLAIN)
def test_no_value_of_any_field_is_anything_but_a_sentence(field, value):
    """Each field of a step gets a value of any kind, and the step that it comes from plays."""
    read = lecture({**CHILD, field: value})
    for sentence in sentences(read):
        assert sentence.endswith(".")
        assert "\n" not in sentence
    assert unavailable(read, read.steps[-1], PANELS.get) == ""
    assert len({step.id for step in read.steps}) == len(read.steps)


@settings(max_examples=40)
@given(st.sampled_from(["model", "settings", "observations", "frame", "source", "seed"]), PLAIN)
def test_no_difference_of_a_document_is_anything_but_a_sentence(name, value):
    read = lecture({**CHILD, "change": {name: value}})
    assert all(sentence.endswith(".") and "\n" not in sentence for sentence in sentences(read))


def test_a_faulty_goal_is_named_and_its_step_plays():
    read = lecture({**CHILD, "goal": "elephant = 1"})
    assert sentences(read) == ["Step “child”, field “goal”: the document has no value elephant."]
    assert unavailable(read, read.step("child"), PANELS.get) == ""
