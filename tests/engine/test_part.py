"""Parts and documents: whatever is made obeys its declaration, and files give back what was saved."""

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
from engine.part import Family, declared
from engine.regression.data.observations import Observations
from engine.regression.data_space import DataSpaceSettings
from engine.regression.document import Regression
from engine.session import Session, decode, encode


def every_part():
    """The members of all families. Loading a home can make more families, so this goes on until there are no more."""
    loaded = set()
    while new := set(Family.every.values()) - loaded:
        for family in new:
            list(family)
        loaded |= new
    return sorted({kind for family in loaded for kind in family}, key=lambda kind: kind.__name__)


PARTS = every_part()


def made(kind):
    """A part as it starts; what most that need something cannot do without is text."""
    if kind is Pasted:
        return Pasted(1, 1, 1, b"\0")
    return kind(**{field.name: "somewhere" for field in declared(kind) if field.default is msgspec.NODEFAULT})


@pytest.mark.parametrize("kind", PARTS, ids=lambda kind: kind.__name__)
def test_every_number_of_every_part_is_bounded_on_both_sides_and_explained(kind):
    assert kind.__doc__
    for field in declared(kind):
        if field.kind in (int, float):
            low = field.meta.ge if field.meta.ge is not None else field.meta.gt
            high = field.meta.le if field.meta.le is not None else field.meta.lt
            assert low is not None
            assert high is not None
            for absurd in (low - 1, high + 1, float("nan"), float("inf"), -float("inf"), "1", None):
                with pytest.raises(ValueError, match="must be"):
                    replace(made(kind), **{field.name: absurd})


@pytest.mark.parametrize("kind", PARTS, ids=lambda kind: kind.__name__)
def test_every_part_is_frozen_comparable_and_comes_back_from_json(kind):
    part = made(kind)
    assert part == made(kind)
    assert hash(part) == hash(made(kind))
    base = next(base for base, family in Family.every.items() if kind in family.members.values())
    plain = msgspec.json.decode(msgspec.json.encode(part, enc_hook=lambda value: value.to_plain()))
    assert Family.every[base].decode(plain) == part


@pytest.mark.parametrize("kind", list(DOCUMENTS), ids=lambda kind: kind.__name__)
def test_sessions_come_back(kind):
    session = Session(kind(), "title", "t", "note")
    assert decode(encode(session)) == session


@given(st.lists(st.tuples(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9)), max_size=10), st.data())
def test_observations_come_back_to_the_last_bit(rows, data):
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
def test_what_is_no_session_is_refused_in_a_sentence(content):
    with pytest.raises(ValueError, match=r"session") as caught:
        decode(content)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300


def test_the_lecture_has_its_four_states_of_one_scenario():
    line = [step.document for step in steps()][:4]
    assert [document.step for document in line] == [0, 1, 2, 20]
    for document in line:
        assert replace(document, step=0) == replace(line[0], step=0)
        assert (document.source.truth.intercept, document.source.truth.slope, document.source.noise) == (-0.3, 0.5, 0.2)
        assert (document.model.prior_precision, document.model.noise.precision) == (2.0, 25.0)
        assert (document[DataSpaceSettings].samples, document.model.basis.degree) == (6, 1)
    assert all(step.title and step.label and step.note for step in steps())
    assert [(h.title, h.label, h.note) for h in headings()] == [(s.title, s.label, s.note) for s in steps()]


def test_drawing_depends_on_seed_and_place_alone():
    one, other = Regression(seed=3).with_drawn_points(1).with_drawn_points(2), Regression(seed=3).with_drawn_points(3)
    assert one == other
    assert Regression(seed=4).with_drawn_points(3) != other
    with pytest.raises(ValueError, match="at once"):
        Regression().with_drawn_points(10**9)


def test_a_new_observation_goes_after_those_taken_into_account():
    document = Regression().observe(1, 1).observe(2, 2).observe(3, 3).step_to(1).observe(9, 9)
    assert document.observations.x.tolist() == [1, 9, 2, 3]
    assert document.step == 2
    assert document.remove(0).step == 1
    assert document.remove(3).step == 2


def test_drawn_points_scatter_about_the_truth_as_they_say():
    document = Regression().with_drawn_points(1000)
    x, t = document.observations.x, document.observations.t
    assert np.std(t - document.source.truth.at(x)) == pytest.approx(0.2, rel=0.1)
    assert -1 <= x.min() < -0.98 < 0.98 < x.max() <= 1


def test_toggling_a_class_twice_changes_nothing():
    assert PlaneSettings().toggle(3).hidden == (3,)
    assert PlaneSettings().toggle(3).toggle(3) == PlaneSettings()
