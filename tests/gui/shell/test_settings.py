"""The settings file: only a file that this program has written is used."""

import pytest

from gui.shell.settings import WRITER, Settings


@pytest.mark.parametrize(
    ("mark", "damaged"), [(f"writer={WRITER}\n", False), ("", True), ("writer=Another program\n", True)]
)
def test_a_settings_file_without_the_mark_of_this_program_is_replaced(tmp_path, mark, damaged):
    (tmp_path / "settings.ini").write_text(f"[General]\n{mark}appearance=dark\n")
    settings = Settings(tmp_path)
    assert settings.damaged is damaged
    if damaged:
        settings.mend()
        assert settings.text("appearance", "light") == "light"
        assert not Settings(tmp_path).damaged
    else:
        assert settings.text("appearance", "light") == "dark"


def test_without_a_file_the_settings_are_the_defaults(tmp_path):
    settings = Settings(tmp_path)
    assert not settings.damaged
    settings.keep("appearance", "dark")
    settings.store.sync()
    assert not Settings(tmp_path).damaged
