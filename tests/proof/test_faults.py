"""The script that makes small faults: it makes each kind, spreads them, and finds the tests that concern a file."""

import shutil
from pathlib import Path

import pytest

from tests.proof.faults import ROOT, chosen, concerned, faulty, imported, is_none, noticed_by, places

SOUND = "def f(a, b):\n    return {}\n"
MADE = {
    "a < b": ("comparison", "a <= b"),
    "a not in b": ("comparison", "a in b"),
    "a - b": ("operator", "a + b"),
    "a and b": ("and or", "a or b"),
    "-a": ("sign", "+a"),
    "not a": ("sign", "not (not a)"),
    "True": ("constant", "False"),
    "a[3]": ("constant", "a[4]"),
    "g(a, b)": ("swapped arguments", "g(b, a)"),
    "a if b else 0.5": ("condition", "a if not b else 0.5"),
}


@pytest.mark.parametrize("sound", MADE)
def test_each_kind_of_fault_is_made_at_its_place_alone(sound):
    source, line, kind, before, after = faulty(SOUND.format(sound), 0)
    assert (kind, line) == (MADE[sound][0], 2) and before != after
    assert source == SOUND.format(MADE[sound][1]).rstrip().replace("not (not a)", "not not a")


def test_a_call_is_dropped_and_no_fault_is_made_outside_functions_and_in_texts():
    assert faulty("def f():\n    g()\n", 0)[0] == "def f():\n    None"
    assert places('A = 1 < 2\n\nclass B:\n    c: int = 3\n\ndef f(x=1):\n    """1 < 2."""\n')[1] == []


def test_arguments_in_any_order_are_no_fault():
    found = [is_none(SOUND.format(call), 0) for call in ("max(a, b)", "np.hypot(a, b)", "g(a, b)", "a < b")]
    assert found == [True, True, False, False]


def test_the_same_seed_chooses_the_same_faults_in_different_files():
    few = list(chosen(30, 17))
    assert few == list(chosen(60, 17))[:30] and len({file for file, _ in few}) == 30
    assert {file.split("/")[0] for file, _ in few} == {"engine", "gui"}


def test_the_tests_that_concern_a_file_begin_with_those_of_its_name():
    paths = ["gui/page/store.py", "gui/page/page.py", *(f"tests/gui/page/test_{name}.py" for name in ("store", "jobs"))]
    imports = {Path(path): imported(ROOT / path) for path in paths}
    assert concerned("gui/page/store.py", imports)[0] == Path("tests/gui/page/test_store.py")


@pytest.mark.slow
def test_a_fault_is_noticed_by_the_test_that_fails_and_the_source_comes_back(tmp_path):
    (tmp_path / "thing.py").write_text("def double(x):\n    return 2 * x\n", encoding="utf-8")
    test = "from thing import double\n\n\ndef test_it():\n    assert double(3) == 6\n"
    (tmp_path / "test_thing.py").write_text(test, encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers =\n    proof: long\n    slow: long\n", encoding="utf-8")
    (tmp_path / "tests" / "proof").mkdir(parents=True)
    shutil.copy(ROOT / "tests" / "proof" / "order.py", tmp_path / "tests" / "proof")
    sound = (tmp_path / "thing.py").read_text(encoding="utf-8")
    assert noticed_by(tmp_path, "thing.py", faulty(sound, 0)[0], ["test_thing.py"]) == "test_thing.py::test_it"
    assert noticed_by(tmp_path, "thing.py", sound, ["test_thing.py"]) == ""
    assert (tmp_path / "thing.py").read_text(encoding="utf-8") == sound
