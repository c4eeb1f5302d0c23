"""What the program keeps for itself counts as not chosen if it is damaged: nested too deeply, or not Unicode."""

from types import SimpleNamespace

import pytest
from PySide6.QtWidgets import QMenu

from engine.latent.unboxing import elbo_over_epochs
from engine.latent.vae.cli import arguments
from engine.lecture import shipped
from gui.figures.look import Choices, saved_choices
from gui.paper.choices import HandoutChoices, kept
from gui.shell import keys
from gui.shell.sessions.recent import Recent

NESTED = "[" * 100_000


def settings(text):
    return SimpleNamespace(text=lambda *_: text, store=SimpleNamespace(sync=lambda: None))


def recent(text):
    return SimpleNamespace(settings=settings(text))


def test_texts_of_the_settings_that_are_nested_too_deeply():
    assert keys.read(NESTED) == {} and Recent.paths.fget(recent(NESTED)) == []
    assert saved_choices(settings(NESTED)) == Choices() and kept(settings(NESTED), HandoutChoices) == HandoutChoices()
    assert arguments._value(NESTED, 0) == NESTED  # which the recipe then refuses


@pytest.mark.parametrize(
    "content", [NESTED.encode(), b'{"\xc3": {}}', b"\xff\xfe\x00"], ids=["nested", "UTF-8", "bytes"]
)
def test_files_that_the_program_writes_for_itself(tmp_path, content):
    path = tmp_path / "x.json"
    path.write_bytes(content)
    assert elbo_over_epochs._read(path) == {} and shipped.contents(path) == ()


def test_a_recent_file_whose_name_no_disk_can_hold_is_greyed(qapp):
    menu = QMenu()
    held = SimpleNamespace(menu=menu, paths=Recent.paths.fget(recent(f'["/{"x" * 300}", "a\\u0000b"]')))
    Recent.fill(held)
    assert [action.isEnabled() for action in menu.actions()[:2]] == [False, False]
