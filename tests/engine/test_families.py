"""Families: a new file in the home of a family is a new member."""

import subprocess
import sys
from importlib import import_module, invalidate_caches, reload
from pathlib import Path

import pytest

from engine.part import Family

ROOT = Path(__file__).resolve().parents[2]

# The source text of a package with a family and two members.

BASE = '''
from engine.part import Family


class Base:
    """A base."""


FAMILY = Family(Base, home="shelf")
'''

MEMBER = '''
from engine.part import Part
from shelf.base import FAMILY, Base


@FAMILY.register{}
class {}(Part, Base, frozen=True, tag=True):
    """A member."""
'''


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    """The family of a new package with two members, on the import path; no member is imported."""
    package = tmp_path / "shelf"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "base.py").write_text(BASE)
    (package / "apple.py").write_text(MEMBER.format("", "Apple"))
    (package / "pear.py").write_text(MEMBER.format("(order=1)", "Pear"))
    monkeypatch.syspath_prepend(tmp_path)
    family = import_module("shelf.base").FAMILY
    yield family
    del Family.every[family.base]
    for name in [name for name in sys.modules if name.split(".")[0] == "shelf"]:
        del sys.modules[name]


def test_members_are_imported_when_needed_and_are_sorted_by_order(shelf):
    assert "shelf.apple" not in sys.modules
    assert [kind.__name__ for kind in shelf] == ["Pear", "Apple"]


def test_decoding_imports_the_members(shelf):
    assert type(shelf.decode({"type": "Apple"})).__name__ == "Apple"


def test_a_folder_that_is_added_to_the_home_later_is_imported_too(shelf, tmp_path):
    assert len(list(shelf)) == 2
    more = tmp_path / "elsewhere"
    more.mkdir()
    (more / "aubergine.py").write_text(MEMBER.format("", "Aubergine"))
    sys.modules["shelf"].__path__.append(str(more))
    invalidate_caches()
    assert [kind.__name__ for kind in shelf] == ["Pear", "Apple", "Aubergine"]
    assert type(shelf.decode({"type": "Aubergine"})).__name__ == "Aubergine"


def test_two_members_under_one_name_are_an_error(shelf, tmp_path):
    assert [kind.__name__ for kind in shelf] == ["Pear", "Apple"]
    apple = shelf.members["Apple"]
    (tmp_path / "shelf" / "another.py").write_text(MEMBER.format("", "Apple"))
    invalidate_caches()
    with pytest.raises(ValueError, match=r"shelf\.another\.Apple .* shelf\.apple\.Apple"):
        import_module("shelf.another")
    assert shelf.members["Apple"] is apple


def test_a_module_that_is_loaded_again_replaces_its_member(shelf):
    assert [kind.__name__ for kind in shelf] == ["Pear", "Apple"]
    before = shelf.members["Apple"]
    reload(sys.modules["shelf.apple"])
    assert shelf.members["Apple"] is not before
    assert [kind.__name__ for kind in shelf] == ["Pear", "Apple"]


@pytest.mark.slow
def test_no_home_imports_torch_or_scipy():
    """Forms show the members of a family while the program starts."""
    code = """
import sys
import engine.latent.document, engine.regression.document
from engine.part import Family
for family in tuple(Family.every.values()):
    assert len(list(family)) > 1
print(*{"torch", "scipy"} & set(sys.modules))
"""
    process = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not process.stdout.split()
