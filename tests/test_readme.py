"""The README keeps its promises: what it names is there, and what runs automatically is the command that it gives."""

import re
from pathlib import Path

import main
from engine.latent.document import Latent
from engine.latent.vae import load_model

ROOT = Path(main.__file__).parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_automatic_run_is_the_command_of_the_readme():
    last = (ROOT / ".ci" / "run").read_text().strip().splitlines()[-1]
    assert f"    {last}\n" in README


def test_every_file_it_names_is_there():
    names = re.findall(r"\]\(([^)#]+)\)", README)
    assert len(names) > 5
    assert [name for name in names if not (ROOT / name).is_file()] == []


def test_every_library_that_qt_needs_is_named():
    assert set(main.X11_LIBRARIES.values()) <= set(README.split())


def test_the_elbo_of_the_shipped_model_is_that_of_its_card():
    assert f"−{-load_model(Latent().model).card.test_elbo.total:.2f} nats" in README
