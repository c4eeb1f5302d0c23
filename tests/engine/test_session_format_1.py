"""Sessions of format 1: what people saved with it opens, with everything that was in it."""

import json
from pathlib import Path

import msgspec
import pytest

from engine.part import encode_hook
from engine.regression.coverage import CoverageSettings
from engine.regression.data_space import DataSpaceSettings
from engine.regression.display import Display
from engine.regression.gaussian_primer import PrimerPoints
from engine.regression.inference import VariationalSettings
from engine.regression.predictive import PredictiveSettings
from engine.regression.samples import SamplesSettings
from engine.regression.weight_space import HeatmapSettings
from engine.session import FORMAT, decode, encode

FOLDER = Path(__file__).resolve().parent.parent / "data" / "format1"
EXPECTED = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))


def regression(document):
    """A Regression document as format 1 laid it out, with a value for every field."""
    old = plain(document)
    del old["settings"]
    lines, planes = plain(document[DataSpaceSettings]), plain(document[Display])
    others = {
        "predictive": document[PredictiveSettings].shows,
        "samples_of": document[SamplesSettings].of,
        "logarithmic": document[HeatmapSettings].logarithmic,
    }
    coverage, primer = plain(document[CoverageSettings]), plain(document[PrimerPoints])["points"]
    return old | {
        "display": lines | planes | others,
        "ways": plain(document[VariationalSettings]) | {"type": "Ways"},
        "coverage": coverage | {"type": "Trials"},
        "primer": primer,
    }


LAID_OUT = {"Regression": regression}  # how format 1 laid out each kind of document
FILES = sorted(name for name, expected in EXPECTED.items() if expected["kind"] in LAID_OUT)


def plain(part):
    """A part as plain JSON."""
    return msgspec.json.decode(msgspec.json.encode(part, enc_hook=encode_hook))


def opened(name):
    """The session in a file."""
    return decode((FOLDER / name).read_bytes())


def values(plain, path=""):
    """Whatever is at the ends of plain JSON, by dotted path; an empty list is an end too."""
    inner = plain.items() if isinstance(plain, dict) else enumerate(plain) if isinstance(plain, list) else ()
    ends = {}
    for key, value in inner:
        ends |= values(value, f"{path}.{key}" if path else str(key))
    return ends or {path: plain}


def test_for_every_file_something_is_expected():
    assert sorted(EXPECTED) == sorted(path.name for path in FOLDER.glob("*.json") if path.name != "expected.json")


@pytest.mark.parametrize("name", FILES)
def test_a_file_holds_what_it_was_saved_with(name):
    session, expected = opened(name), EXPECTED[name]
    assert type(session.document).__name__ == expected["kind"]
    assert [session.title, session.label, session.note] == [expected["title"], expected["label"], expected["note"]]
    assert values(LAID_OUT[expected["kind"]](session.document)) == expected["values"]


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_the_same_after_it_was_saved_again(name):
    session = opened(name)
    assert decode(encode(session)) == session


@pytest.mark.parametrize("name", FILES)
def test_it_is_saved_in_the_present_format_with_what_differs_from_the_defaults(name):
    session = opened(name)
    saved = json.loads(encode(session))
    assert saved["bayescape"] == FORMAT
    assert all(len(setting) > 1 for setting in saved["document"].get("settings", []))  # besides its type


@pytest.mark.parametrize(
    "wrong", [{"display": [1]}, {"display": {"elephant": 1}}, {"ways": 3}, {"primer": 7}, {"coverage": {"repeats": 0}}]
)
def test_what_format_1_did_not_have_is_refused_in_a_sentence(wrong):
    with pytest.raises(ValueError, match="not a session of this program") as caught:
        decode(json.dumps({"document": {"type": "Regression"} | wrong, "bayescape": 1}).encode())
    assert "\n" not in str(caught.value)


def test_the_lines_of_one_file_end_as_on_windows():
    content = (FOLDER / "crlf.json").read_bytes()
    assert content.count(b"\r\n") == content.count(b"\n") > 0
