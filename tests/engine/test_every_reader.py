"""Every reader is fed with every case: it reads it, or refuses it in one sentence of this program."""

import os
import re
import warnings
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from engine import session
from engine.file_kinds import kind_at
from engine.files import quoted, read_regular
from engine.latent.datasets import own_files
from engine.latent.datasets.idx import IdxFiles
from engine.latent.datasets.labels_file import labels_in
from engine.latent.datasets.npz import NpzFile
from engine.latent.datasets.open_path import files_at
from engine.latent.datasets.own_files import drained
from engine.latent.datasets.preview import looking
from engine.latent.datasets.thumbnail import shrunk
from engine.latent.training import models
from engine.latent.vae.cli.arguments import data_from
from engine.latent.vae.history import read_history
from engine.latent.vae.networks.checkpoint import load_model
from engine.latent.vae.training.training import load_state
from engine.saving.own_models import open_work

CASES = Path(__file__).resolve().parents[1] / "data" / "cases"
FOREIGN = re.compile(
    r"Errno|Traceback|Error\b|Exception|object at 0x|Expected `|`\$|invalid character|malformed|codec|surrogates|"
    r"mat1|dtype|numpy\.|torch|zlib|gzip|BadZip|zip file|end-of-stream|cannot identify|No such file|not a directory|"
    r"Is a directory|Permission denied|too long:|NoneType|ndarray|pickle|JSON is|header_too|Header|safetensor[^s]|\n"
)


def images(make):
    return lambda path: drained(looking(make(path), 2))


READERS = {
    "session": session.read,
    "session file": open_work,
    "model": lambda path: load_model(str(path)),
    "card": models.read_card,
    "state": load_state,
    "holds a training": models.holds_training,
    "history": lambda path: read_history(read_regular(path, 2**26)),
    "images": images(files_at),
    "images as NPZ": images(lambda path: NpzFile(str(path))),
    "stretched": images(lambda path: NpzFile(str(path), stretch=True, turn="turned left")),
    "images as IDX": images(lambda path: IdxFiles(str(path))),
    "with itself as labels": images(lambda path: replace(files_at(path), labels=str(path))),
    "labels": lambda path: labels_in(path, 80),
    "picture": lambda path: shrunk(path, 28, colour=False, paper="white"),
    "kind": kind_at,
    "command line": lambda path: data_from(str(path)),
}


def all_cases():
    return sorted(path for path in CASES.rglob("*") if path.name != ".DS_Store")


def refusal(read, path):
    """The sentence with which a reader refuses a path; empty if it reads it."""
    own_files._kept.clear()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            read(path)
    except ValueError as error:
        return str(error)
    except (TypeError, AttributeError):
        if read is READERS["with itself as labels"]:  # a folder has no labels
            return ""
        raise
    except ImportError:
        pytest.skip("the other page cannot be imported")
    return ""


def check(name, path, words):
    assert not FOREIGN.search(words), (path.name, words)
    assert len(words) < 400, (path.name, words)
    if words and name != "picture":
        assert (
            words[0].isupper() or words[0].isdigit() or words.startswith((quoted(path.name)[:4], quoted(str(path))[:4]))
        ), words
        assert words.endswith((".", "?")), words


@pytest.mark.slow
@pytest.mark.parametrize("name", READERS)
def test_every_case_is_read_or_refused_in_a_sentence(name):
    for path in all_cases():
        check(name, path, refusal(READERS[name], path))


@pytest.fixture
def hostile(tmp_path):
    """Paths that block, never end, or lead nowhere, under every ending."""
    made = [Path("/dev/zero"), Path("/dev/ptmx"), Path("/dev/full"), Path("/proc/self/mem"), tmp_path / "nowhere"]
    for ending in (".json", ".safetensors", ".npz", ".npy", ".idx", ".png", "-idx3-ubyte.gz", ".docx", ""):
        os.mkfifo(tmp_path / f"pipe{ending}")
        (tmp_path / f"endless{ending}").symlink_to("/dev/zero")
        (tmp_path / f"empty{ending}").touch()
        (tmp_path / f"noise{ending}").write_bytes(np.random.default_rng(0).bytes(5000))
        (tmp_path / f"folder{ending}").mkdir()
        (tmp_path / f"gone{ending}").symlink_to("gone")
        made += [tmp_path / f"{kind}{ending}" for kind in ("pipe", "endless", "empty", "noise", "folder", "gone")]
        made += [tmp_path / f"{'x' * 300}{ending}", tmp_path / f"null\0{ending}", tmp_path / f"line\nfeed{ending}"]
        made.append(tmp_path / (os.fsdecode(b"bl\xfcten") + ending))
    made[-1].write_bytes(b"nothing")
    return made


@pytest.mark.parametrize("name", READERS)
@pytest.mark.timeout(60)
def test_no_reader_waits_for_what_is_no_file(hostile, name):
    for path in hostile:
        check(name, path, refusal(READERS[name], path))


def test_the_kind_of_a_file_is_known_or_refused_by_its_name(tmp_path):
    for name in ("a.docx", "c.mat", "d.pdf", "e.heic", "f"):
        (tmp_path / name).write_bytes(b"PK\3\4\0\0")
        with pytest.raises(
            ValueError, match=r"^Bayescape does not open .*; it opens sessions \(\.bayescape, \.json\), lectures"
        ):
            kind_at(tmp_path / name)
    (tmp_path / "lesson").write_text('\n{"document": 1}')
    (tmp_path / "numbers").write_text("1 2\n3 4")
    expected = {
        "lesson": "session",
        "b.xlsx": "table",
        "numbers": "table",
        "x.DAT": "table",
        "y.npy": "images",
        "z.JPG": "picture",
    }
    assert {name: kind_at(tmp_path / name) for name in expected} == expected
    for name in ("photos.csv", "digits.npz", "mine.json", "a.docx"):
        (tmp_path / "folders" / name).mkdir(parents=True)
        assert kind_at(tmp_path / "folders" / name) == "images"
