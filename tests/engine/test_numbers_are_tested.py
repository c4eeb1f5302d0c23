"""A law of the engine: a test names each public function that returns a number."""

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NUMBER = re.compile(r"\b(float|int|complex|Array|NDArray|Tensor|Pixels8?|Pixelwise|Values|Indices|Unfolding)\b")
USED = re.compile(r"(\w+)\(|\.(\w+)|^ +(\w+),$|import (.+)$", re.MULTILINE)
NO_NUMBER = "NDArray[np.bool_]"


def functions(body, owner=""):
    """Yield the public functions and methods of public classes that return a number, as (name, the name in words)."""
    for node in body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from functions(node.body, f"{node.name}.")
        elif isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and node.returns is not None:
            returned = ast.unparse(node.returns)
            if NUMBER.search(returned) and returned != NO_NUMBER:
                yield node.name, f"{owner}{node.name}"


@cache
def names_in_tests():
    """The names that a test calls, imports or reads as an attribute. Parsing all tests would take seconds."""
    texts = [path.read_text("utf-8") for path in (ROOT / "tests").rglob("*.py") if path != Path(__file__)]
    return {name for text in texts for found in USED.findall(text) for name in re.findall(r"\w+", "".join(found))}


def untested(source, names):
    return [words for name, words in functions(ast.parse(source).body) if name not in names]


def test_a_test_names_each_public_function_that_returns_a_number():
    found = {
        path.relative_to(ROOT).as_posix(): missing
        for path in sorted((ROOT / "engine").rglob("*.py"))
        if (missing := untested(path.read_text(encoding="utf-8"), names_in_tests()))
    }
    assert found == {}, "write a test with numbers that were computed in another way"


def test_the_law_finds_a_function_without_a_test():
    source = (
        "def new(x) -> float: ...\ndef old(x) -> int: ...\ndef words() -> str: ...\nclass A:\n def b(self) -> Array: 0"
    )
    assert untested(source, {"old"}) == ["new", "A.b"]
