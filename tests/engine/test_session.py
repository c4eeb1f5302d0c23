"""Session files: text in every usual encoding is read, and everything else is refused in a sentence."""

import codecs
import json
from pathlib import Path

import pytest
from msgspec.structs import replace

from engine import session
from engine.latent.datasets.folder import Folder
from engine.latent.datasets.idx import IdxFiles
from engine.latent.datasets.npz import NpzFile
from engine.latent.document import Latent
from engine.latent.foreign_paths import foreign_paths, placed
from engine.latent.inputs.sketch import Sketch
from engine.latent.inputs.stroke import Stroke
from engine.latent.model_source import Trained, model_path
from engine.latent.training.training import TrainingSettings
from engine.latent.vae.recipe import Recipe

DOCUMENT = Latent().with_q(None).pin((0.5, -1.0))
CONTENT = session.encode(session.Session(DOCUMENT))


@pytest.mark.parametrize(
    "content",
    [
        CONTENT,
        codecs.BOM_UTF8 + CONTENT,
        CONTENT.decode().encode("utf-16"),
        codecs.BOM_UTF16_BE + CONTENT.decode().encode("utf-16-be"),
        CONTENT.replace(b"\n", b"\r\n"),
        b"\n\n" + CONTENT,
    ],
    ids=["plain", "mark", "utf-16", "utf-16 big-endian", "crlf", "blank lines"],
)
def test_a_session_is_read_in_every_usual_encoding(content, tmp_path):
    (tmp_path / "a.json").write_bytes(content)
    assert session.read(tmp_path / "a.json").document == DOCUMENT


DEEP = b'{"bayescape": 2, "document": {"type": "Latent", "chart": %b}}' % (b'{"a":' * 5000 + b"1" + b"}" * 5000)


def changed(**fields):
    return json.dumps({**json.loads(CONTENT), **fields}).encode()


@pytest.mark.parametrize("number", [0, -1, 3, 4, 10**30, True, "2", 1.0, 1.5, None, [1], {}])
def test_only_the_formats_1_and_2_are_read(number):
    with pytest.raises(
        ValueError, match=r"This session has the format .*; this version reads the formats 1 and 2\.$|not a session"
    ):
        session.decode(changed(bayescape=number))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "it is not a text in JSON"),
        (b"PK\3\4", "it is not a text in JSON"),
        (CONTENT[:-20], "it is not a text in JSON"),
        (b"\xff\xfe{", "it is not a text in JSON"),
        (b"[]", "its content is of another kind"),
        (b"{}", "it does not hold a document"),
        (b"[" * 10**5, "its content is of another kind|nested too deeply"),
        (
            b'{"bayescape": 2, "document": {"type": "Latent", "chart": %b}}' % (b'{"a":' * 5000 + b"1" + b"}" * 5000),
            "deeply",
        ),
        (changed(document={"type": "Latent", "waiting": -3}), "the value of waiting is not possible"),
        (changed(document={"type": "Latent", "pins": [[1e400, 0]]}), "is not possible|not a text"),
        (changed(document={"type": "Latent", "elephants": 3}), "a setting that this version does not know"),
        (changed(title=3), "the value of title is not possible"),
        (changed(title="x", note="y" * 10, more=1), "does not know"),
    ],
)
def test_what_is_no_session_gets_one_sentence_of_this_program(content, words):
    with pytest.raises(ValueError, match=words) as caught:
        session.decode(content)
    said = str(caught.value)
    assert said.startswith("This is not a session of this program: ") and said.endswith(".")
    assert "`" not in said and "\n" not in said and len(said) < 250


def test_a_path_that_is_no_text_is_refused_when_it_is_saved():
    with pytest.raises(ValueError, match="not valid UTF-8"):
        session.encode(session.Session(Latent().with_model("/bl\udcfcten/a.safetensors")))


def test_a_model_may_have_any_name(tmp_path):
    for name in ("x" * 4000, "/dev/ptmx", "a\0b", "../mnist", "mnist/../mnist"):
        assert model_path(name) == Path(name)
    assert model_path("mnist").is_file()


@pytest.mark.slow
def test_a_stroke_of_any_length_is_drawn():
    points = tuple((i / 5000, 0.5, 0.5) for i in range(5000))
    long = Sketch((Stroke(points),))
    pieces = Sketch(tuple(Stroke(points[i : i + 64]) for i in range(0, 5000, 63)))
    from engine.latent.datasets.mnist import Mnist

    assert (long.pixels(Mnist(), (28, 28)) == pieces.pixels(Mnist(), (28, 28))).all()
    for wrong in (0, 10_001):
        with pytest.raises(ValueError, match="Points must be"):
            Stroke(((0.5, 0.5, 0.5),) * wrong)


def test_the_paths_that_a_session_names_outside_its_folder_are_known(tmp_path):
    settings = TrainingSettings().with_recipe(Recipe(data=Folder("/home/you/pictures")))
    document = Latent().with_model("/elsewhere/a.safetensors").with_setting(settings)
    assert set(foreign_paths(document, tmp_path)) == {"/elsewhere/a.safetensors", "/home/you/pictures"}
    assert foreign_paths(Latent(), tmp_path) == ()
    for inside in ("a.safetensors", "below/a.safetensors", str(tmp_path / "a.safetensors")):
        assert foreign_paths(Latent().with_model(inside), tmp_path) == ()
    for outside in ("../a.safetensors", "/dev/ptmx", f"{tmp_path}2/a.safetensors"):
        assert foreign_paths(Latent().with_model(outside), tmp_path) == (outside,)
    trained = Latent().with_model(Trained(replace(Recipe(), data=Folder("/home/you/pictures")), 3))
    assert foreign_paths(trained, tmp_path) == ("/home/you/pictures",)


def test_a_relative_path_in_a_session_begins_at_the_folder_of_the_session(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "theirs"
    kinds = (Folder("pictures"), NpzFile("a.npz", labels="b.npz"), IdxFiles("a.idx", "b.idx"))
    for data in kinds:
        settings = TrainingSettings().with_recipe(Recipe(data=data))
        opened = placed(Latent().with_model("mine.safetensors").with_setting(settings), Path("theirs"))
        assert opened.path == folder / "mine.safetensors"
        found = opened[TrainingSettings].recipe.data
        assert found.paths == tuple(folder / path for path in data.paths)
        trained = placed(Latent().with_model(Trained(Recipe(data=data), 3)), folder)
        assert trained.trained.recipe.data == found
        assert placed(opened, Path("/elsewhere")) is opened
    assert placed(Latent(), folder) == Latent()
    outside = placed(Latent().with_model("../a.safetensors"), folder)
    assert outside.path == tmp_path / "a.safetensors" and foreign_paths(outside, folder) == (outside.model,)
