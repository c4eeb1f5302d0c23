"""Files: no path blocks a reader, every error is a sentence, and an interrupted writer leaves no trace."""

import errno
import os
import stat
import sys

import pytest

from engine import files

unix = pytest.mark.skipif(sys.platform == "win32", reason="there are no such files")


def special(tmp_path):
    """Return paths that are not regular files."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / "to a device").symlink_to("/dev/zero")
    (tmp_path / "a file").touch()
    names = ("pipe", "loop", "to a device", "nowhere", "a file/below", "x" * 300, "line\nfeed", "null\0byte")
    return [*(tmp_path / name for name in names), *map(tmp_path.__class__, ("/dev/zero", "/dev/ptmx", "/", "."))]


@unix
def test_only_regular_files_are_opened_and_the_others_get_a_sentence(tmp_path):
    for path in special(tmp_path):
        for read in (files.open_regular, files.regular, lambda path: files.read_regular(path, 100)):
            with pytest.raises(ValueError, match=r" cannot be read: .*[^.]\.$") as caught:
                read(path)
            words = str(caught.value)
            assert "\n" not in words and "Errno" not in words and len(words) < 200


@unix
def test_a_file_that_takes_the_place_of_another_is_examined_again(tmp_path, monkeypatch):
    os.mkfifo(tmp_path / "pipe")
    monkeypatch.setattr(files, "regular", lambda _: None)
    with pytest.raises(ValueError, match="a device or a pipe"):
        files.open_regular(tmp_path / "pipe")


def test_a_file_is_read_up_to_its_limit(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"12345")
    assert files.read_regular(path, 5) == b"12345"
    with pytest.raises(ValueError, match=r"^a cannot be read: it has more than 4 bytes\.$"):
        files.read_regular(path, 4)


def test_what_is_written_is_complete_or_not_there(tmp_path):
    path = tmp_path / ("x" * 255)
    with files.written(path) as file:
        file.write(b"one")
        assert not path.exists()
    assert path.read_bytes() == b"one"
    with pytest.raises(OSError, match="full"), files.written(path) as file:
        file.write(b"two")
        raise OSError(errno.ENOSPC, "full")
    assert path.read_bytes() == b"one"
    assert list(tmp_path.iterdir()) == [path]


def test_two_writers_never_share_an_unfinished_file(tmp_path):
    with files.written(tmp_path / "a") as one, files.written(tmp_path / "a") as other:
        assert one.name != other.name


def test_what_a_killed_process_left_is_removed(tmp_path):
    (tmp_path / f"{files.UNFINISHED}0123").write_bytes(b"half")
    (tmp_path / "whole").touch()
    files.remove_unfinished(tmp_path)
    assert list(tmp_path.iterdir()) == [tmp_path / "whole"]


def test_a_writer_removes_what_was_left_an_hour_ago(tmp_path):
    old, young = (tmp_path / f"{files.UNFINISHED}{name}" for name in ("old", "young"))
    for path in (old, young):
        path.touch()
    os.utime(old, (1000, 1000))
    with files.written(tmp_path / "a"):
        pass
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([young.name, "a"])


@unix
def test_a_copy_is_complete_or_not_there_and_obeys_the_umask(tmp_path):
    source = tmp_path / "a"
    source.write_bytes(bytes(3 * 2**20))
    files.copy(source, tmp_path / "b")
    assert (tmp_path / "b").read_bytes() == source.read_bytes()
    assert stat.S_IMODE((tmp_path / "b").stat().st_mode) == stat.S_IMODE(source.stat().st_mode)
    with pytest.raises(ValueError, match="device"):
        files.copy(tmp_path.__class__("/dev/zero"), tmp_path / "c")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]


def test_every_error_of_the_system_has_words(tmp_path):
    for number in errno.errorcode:
        words = files.why(OSError(number, "[library's words]"))
        assert words and "library" not in words and words[0].islower()
    assert files.why(MemoryError()) == "there is not enough memory"


@unix
def test_a_name_that_is_no_text_is_refused_in_text(tmp_path):
    files.check_name(tmp_path / "blüten")
    with pytest.raises(ValueError, match="not valid UTF-8") as caught:
        files.check_name(tmp_path / os.fsdecode(b"bl\xfcten"))
    str(caught.value).encode()
