"""Merge patches, against the examples of RFC 7396 and the law that a difference restores the document."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.lecture.merge import difference, merged

EXAMPLES = [  # RFC 7396, appendix A: original, patch, result
    ({"a": "b"}, {"a": "c"}, {"a": "c"}),
    ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
    ({"a": "b"}, {"a": None}, {}),
    ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
    ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
    ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
    ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
    ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
    (["a", "b"], ["c", "d"], ["c", "d"]),
    ({"a": "b"}, ["c"], ["c"]),
    ({"a": "foo"}, None, None),
    ({"a": "foo"}, "bar", "bar"),
    ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
    ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
    ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
]
SCALARS = st.booleans() | st.integers(-3, 3) | st.floats(-3, 3) | st.sampled_from("abc")
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("xyz"), inner, max_size=3)
)
OBJECTS = st.dictionaries(st.sampled_from("xyz"), VALUES, max_size=3)


@pytest.mark.parametrize(("original", "patch", "result"), EXAMPLES)
def test_the_examples_of_the_rfc(original, patch, result):
    assert merged(original, patch) == result


@pytest.mark.slow
@given(OBJECTS, OBJECTS)
def test_a_difference_leads_from_one_document_to_the_other(before, after):
    patch = difference(before, after)
    assert text(merged(before, patch)) == text(after)
    assert (patch == {}) == (text(before) == text(after))


def text(value):
    """As JSON, because for Python True equals 1, and 0.0 equals −0.0."""
    return json.dumps(value, sort_keys=True).replace("-0.0", "0.0")
