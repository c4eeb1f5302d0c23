"""Session files: what is written is read again, own models travel inside, and damage gets one sentence."""

import errno
import json
import os
import shutil
import zipfile
from contextvars import copy_context

import pytest

from engine.files import UNFINISHED
from engine.interruption import InterruptedJobError, set_check
from engine.latent.document import Latent
from engine.latent.model_source import Trained
from engine.latent.training.folders import keep_in, opened_folder
from engine.latent.training.runs import checkpoint_path, is_own
from engine.latent.vae.recipe import Recipe
from engine.regression.document import Regression
from engine.resources import RESOURCES
from engine.saving import session_file
from engine.saving.own_models import Missing, missing_models, open_work, save, search
from engine.saving.session_file import sha256_of
from engine.saving.work import LARGEST, Work

LINE = Regression().step_to(0)
SHIPPED = RESOURCES / "models" / "coordinates.safetensors"


@pytest.fixture(autouse=True)
def _data_of_its_own(tmp_path_factory):
    keep_in(tmp_path_factory.mktemp("data") / "runs")


@pytest.fixture
def own(tmp_path):
    """A model of the user, with emoji in its name."""
    path = tmp_path / "mine" / "faces 😀.safetensors"
    path.parent.mkdir()
    shutil.copyfile(SHIPPED, path)
    return path


def work_with(model):
    return Work((LINE, Latent().with_model(model).pin((0.5, -1.0))), "latent", "unboxing")


def test_both_documents_the_page_and_its_arrangement_are_read_again(tmp_path):
    path = tmp_path / "a 🎓.bayescape"
    save(path, work_with("mnist"))
    assert open_work(path) == work_with("mnist")
    save(tmp_path / "b.bayescape", work_with("mnist"))
    assert path.read_bytes() == (tmp_path / "b.bayescape").read_bytes()


def test_a_model_inside_is_unpacked_on_a_computer_without_it(own, tmp_path):
    path = tmp_path / "a.bayescape"
    save(path, work_with(str(own)))
    assert str(tmp_path).encode() not in zipfile.ZipFile(path).read("session.json")  # no path of this computer
    expected, document = sha256_of(own), open_work(path).documents[1]
    own.unlink()
    document = open_work(path).documents[1]
    assert sha256_of(document.path) == expected and document.path.stem == "faces"
    assert document.path.is_relative_to(opened_folder()) and not is_own(document.path)
    assert missing_models(open_work(path)) == ()


def test_a_checkpoint_stays_a_checkpoint_where_it_was_trained(tmp_path):
    trained = Trained(Recipe(), 7)
    file = checkpoint_path(trained.recipe, 7)
    file.parent.mkdir(parents=True)
    shutil.copyfile(SHIPPED, file)
    save(tmp_path / "a.bayescape", work_with(trained))
    assert open_work(tmp_path / "a.bayescape").documents[1].model == trained
    file.unlink()
    assert sha256_of(open_work(tmp_path / "a.bayescape").documents[1].path) == sha256_of(SHIPPED)


def test_a_model_by_reference_is_missed_when_it_is_gone_or_changed_and_found_beside_the_session(own, tmp_path):
    path = tmp_path / "a.bayescape"
    save(path, work_with(str(own)), inside=False)
    assert path.stat().st_size < 5000
    assert missing_models(open_work(path)) == ()
    moved = own.rename(own.with_name("renamed.safetensors"))
    own.write_bytes(b"another")
    (missing,) = missing_models(open_work(path))
    assert missing == Missing(str(own), "faces 😀", sha256_of(moved))
    assert search(tmp_path, missing) == moved
    moved.unlink()
    assert search(tmp_path, missing) is None


def test_a_search_ends_when_the_window_closes_and_a_session_is_still_saved(own, tmp_path):
    (tmp_path / "empty").mkdir()

    def of_closing():
        set_check(lambda: True)
        for folder in (tmp_path, tmp_path / "empty"):
            with pytest.raises(InterruptedJobError):
                search(folder, Missing(str(own), "faces", "00"))
        save(tmp_path / "a.bayescape", work_with(str(own)))

    copy_context().run(of_closing)
    assert missing_models(open_work(tmp_path / "a.bayescape")) == ()


def test_models_of_old_sessions_are_found_by_the_name_of_the_file_or_by_their_recipe(own, tmp_path):
    recipe = session_recipe(own)
    assert search(tmp_path, Missing(f"/elsewhere/{own.name}", "x")) == own
    assert search(tmp_path, Missing(Trained(recipe, 3), "x")) == own
    assert search(tmp_path, Missing(Trained(Recipe(seed=99), 3), "x")) is None


def session_recipe(path):
    from engine.latent.training.models import read_card

    return read_card(path).recipe


def test_a_model_that_is_gone_does_not_prevent_saving(tmp_path):
    save(tmp_path / "a.bayescape", work_with("/nowhere/a.safetensors"))
    (missing,) = missing_models(open_work(tmp_path / "a.bayescape"))
    assert missing == Missing("/nowhere/a.safetensors", "a")


def archive(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name, content)


SUM = "0" * 64
INSIDE = json.dumps(
    {
        "bayescape": 3,
        "documents": [{"type": "Latent", "model": f"models/{SUM}.safetensors"}],
        "models": [{"name": "../../evil", "sha256": SUM, "inside": True}],
    }
)


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({}, "damaged or not a session|part is missing"),
        ({"other": "x"}, "a part is missing"),
        ({"session.json": "{"}, "is not a session of this program"),
        ({"session.json": "[]"}, "is not a session of this program"),
        ({"session.json": '{"bayescape": 3, "documents": []}'}, "one document for each page"),
        ({"session.json": '{"bayescape": 3, "documents": [%s, %s]}' % (('{"type": "Latent"}',) * 2)}, "one document"),
        ({"session.json": '{"bayescape": 4, "documents": []}'}, "another version"),
        ({"session.json": '{"bayescape": 3, "documents": [{"type": "Latent", "waiting": -3}]}'}, "waiting"),
        ({"session.json": INSIDE}, "a part is missing"),
        ({"session.json": INSIDE, f"models/{SUM}.safetensors": b"other"}, "its model is damaged"),
        ({f"models/{i}": b"" for i in range(101)}, "too many files"),
    ],
)
def test_what_is_no_session_is_refused_in_one_sentence(members, words, tmp_path):
    path = tmp_path / "a.bayescape"
    archive(path, members)
    with pytest.raises(ValueError, match=words) as caught:
        open_work(path)
    said = str(caught.value)
    assert said.startswith("a.bayescape ") and said.endswith(".") and "\n" not in said
    assert not opened_folder().exists() or not list(opened_folder().rglob("*.safetensors"))


@pytest.mark.parametrize("count", [1, 2], ids=["before the member", "in the list of members"])
def test_a_name_in_an_archive_that_is_no_utf_8_is_refused_in_one_sentence(count, tmp_path):
    path = tmp_path / "a.bayescape"
    save(path, Work((LINE,), "regression"))
    content = bytearray(path.read_bytes().replace(b"session.json", b"session.js\xff\xff", count))
    for start, at in ((b"PK\3\4", 7), (b"PK\1\2", 9)):
        content[content.index(start) + at] |= 8  # the flag of a name in UTF-8
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"^a\.bayescape is damaged or not a session of this program\.$"):
        open_work(path)


@pytest.mark.slow
def test_a_text_of_a_gigabyte_is_refused_before_it_is_unpacked(tmp_path):
    path = tmp_path / "a.bayescape"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file, file.open("session.json", "w") as member:
        for _ in range(LARGEST // 2**22 + 1):
            member.write(bytes(2**22))
    assert path.stat().st_size < 2**20
    with pytest.raises(ValueError, match=r"its text has more than 256 MB\.$"):
        open_work(path)


def test_cut_and_flipped_files_are_read_completely_or_refused(own, tmp_path):
    path, damaged = tmp_path / "a.bayescape", tmp_path / "b.bayescape"
    save(path, Work((LINE,), "regression"))
    content = path.read_bytes()
    for i in range(0, len(content), 7):
        for wrong in (content[:i], content[:i] + bytes([content[i] ^ 0x55]) + content[i + 1 :]):
            damaged.write_bytes(wrong)
            try:
                assert open_work(damaged).documents == (LINE,)
            except ValueError as error:
                assert str(error).endswith(".") and "\n" not in str(error)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EFBIG])
def test_a_disk_that_refuses_leaves_the_old_file_and_gives_one_sentence(number, tmp_path, monkeypatch):
    path = tmp_path / "a 🎓.bayescape"
    save(path, work_with("mnist"))
    before = path.read_bytes()

    def refuse(_):
        raise OSError(number, "refused")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(ValueError, match=r"^a 🎓\.bayescape cannot be written: [^:]+\.$"):
        save(path, Work((LINE,)))
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]


def test_what_a_killed_process_left_is_removed_an_hour_later(tmp_path):
    old, young = (tmp_path / f"{UNFINISHED}{name}" for name in ("old", "young"))
    for path in (old, young):
        path.touch()
    os.utime(old, (1000, 1000))
    save(tmp_path / "a.bayescape", Work((LINE,)))
    assert young.exists() and not old.exists()
    os.utime(young, (1000, 1000))
    session_file.read(tmp_path / "a.bayescape")
    assert not young.exists()


def test_a_model_that_changes_while_it_is_saved_is_not_saved(own, tmp_path, monkeypatch):
    sums = iter([sha256_of(own), "1" * 64])
    monkeypatch.setattr(session_file, "_copied", lambda *_: next(sums))
    with pytest.raises(ValueError, match="was changed while the session was saved"):
        save(tmp_path / "a.bayescape", work_with(str(own)))
    assert list(tmp_path.glob("*.bayescape")) == []
