"""Parts and documents: values obey their declarations, and a saved session equals the session that is read."""

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from engine.document import DOCUMENTS
from engine.latent.inputs.pasted import Pasted
from engine.latent.plane.plane import PlaneSettings
from engine.lecture import headings, steps
from engine.part import Family, declared, number_text
from engine.regression.data.observations import Observations
from engine.regression.data_space import DataSpaceSettings
from engine.regression.document import Regression
from engine.session import Session, decode, encode


def every_part():
    """The members of all families. Importing a home can create more families, hence the loop."""
    loaded = set()
    while new := set(Family.every.values()) - loaded:
        for family in new:
            list(family)
        loaded |= new
    return sorted({kind for family in loaded for kind in family}, key=lambda kind: kind.__name__)


PARTS = every_part()


def default(kind):
    """A part with its default values, and a text for each required field."""
    if kind is Pasted:
        return Pasted(1, 1, 1, b"\0")
    return kind(**{field.name: "somewhere" for field in declared(kind) if field.default is msgspec.NODEFAULT})


@pytest.mark.parametrize("kind", PARTS, ids=lambda kind: kind.__name__)
def test_every_number_has_two_bounds_and_every_part_a_docstring(kind):
    assert kind.__doc__
    for field in declared(kind):
        if field.kind in (int, float):
            low = field.meta.ge if field.meta.ge is not None else field.meta.gt
            high = field.meta.le if field.meta.le is not None else field.meta.lt
            assert low is not None
            assert high is not None
            below, above = low - max(1, abs(low)), high + max(1, abs(high))  # different in double precision too
            for wrong in (below, above, float("nan"), float("inf"), -float("inf"), "1", None):
                with pytest.raises(ValueError, match="must be"):
                    replace(default(kind), **{field.name: wrong})


@pytest.mark.parametrize("kind", PARTS, ids=lambda kind: kind.__name__)
def test_every_part_can_be_compared_hashed_and_read_from_json(kind):
    part = default(kind)
    assert part == default(kind)
    assert hash(part) == hash(default(kind))
    base = next(base for base, family in Family.every.items() if kind in family.members.values())
    plain = msgspec.json.decode(msgspec.json.encode(part, enc_hook=lambda value: value.to_plain()))
    assert Family.every[base].decode(plain) == part


@pytest.mark.parametrize("kind", list(DOCUMENTS), ids=lambda kind: kind.__name__)
def test_a_session_that_is_read_equals_the_saved_one(kind):
    session = Session(kind(), "title", "t", "note")
    assert decode(encode(session)) == session


@given(st.lists(st.tuples(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9)), max_size=10), st.data())
def test_observations_are_saved_exactly(rows, data):
    document = Regression(observations=Observations([x for x, _ in rows], [t for _, t in rows]))
    document = document.step_to(data.draw(st.integers(0, len(rows))))
    assert decode(encode(Session(document))).document == document


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"null",
        b"\xff\xfe",
        b"[" * 200_000,
        b'{"document": {"type": "Regression", "step": 5}}',
        b'{"document": {"type": "Regression", "surprise": 5}}',
        b'{"document": {"type": "Regression", "observations": {"x": [null], "t": [1]}}}',
        b'{"document": {"type": "Regression", "pins": [[1e300, 0]]}}',
        b'{"document": {"type": "Elephant"}}',
        b'{"document": {"type": "Latent", "model": ""}}',
        b'{"document": {"type": "Latent"}, "bayescape": 99}',
    ],
)
def test_other_content_is_refused_in_one_sentence(content):
    with pytest.raises(ValueError, match=r"session") as caught:
        decode(content)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300


def test_the_first_four_steps_of_the_lecture_differ_only_in_the_number_of_observations():
    line = [step.document for step in steps()][:4]
    assert [document.step for document in line] == [0, 1, 2, 20]
    for document in line:
        assert replace(document, step=0) == replace(line[0], step=0)
        assert (document.source.truth.intercept, document.source.truth.slope, document.source.noise) == (-0.3, 0.5, 0.2)
        assert (document.model.prior_precision, document.model.noise.precision) == (2.0, 25.0)
        assert (document[DataSpaceSettings].samples, document.model.basis.degree) == (6, 1)
    assert all(step.title and step.label and step.note for step in steps())
    assert [(h.title, h.label, h.note) for h in headings()] == [(s.title, s.label, s.note) for s in steps()]


def test_a_draw_depends_only_on_the_seed_and_its_number():
    one, other = Regression(seed=3).with_drawn_points(1).with_drawn_points(2), Regression(seed=3).with_drawn_points(3)
    assert one == other
    assert Regression(seed=4).with_drawn_points(3) != other
    with pytest.raises(ValueError, match="at once"):
        Regression().with_drawn_points(10**9)


def test_a_new_observation_is_inserted_at_the_present_step():
    document = Regression().observe(1, 1).observe(2, 2).observe(3, 3).step_to(1).observe(9, 9)
    assert document.observations.x.tolist() == [1, 9, 2, 3]
    assert document.step == 2
    assert document.remove(0).step == 1
    assert document.remove(3).step == 2


def test_drawn_points_have_the_noise_of_the_source():
    document = Regression().with_drawn_points(1000)
    x, t = document.observations.x, document.observations.t
    assert np.std(t - document.source.truth.at(x)) == pytest.approx(0.2, rel=0.1)
    assert -1 <= x.min() < -0.98 < 0.98 < x.max() <= 1


def test_toggling_a_class_twice_restores_the_setting():
    assert PlaneSettings().toggle(3).hidden == (3,)
    assert PlaneSettings().toggle(3).toggle(3) == PlaneSettings()


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (-1000, "−1000"), (2**31 - 1, "2,147,483,647"), (1e-9, "10⁻⁹"), (-1e6, "−10⁶"), (2e150, "2·10¹⁵⁰")],
)
def test_bounds_are_written_without_programming_notation(value, text):
    assert number_text(value) == text
