"""Command-line arguments: settings and data sets by name or path; invalid arguments give one sentence."""

import msgspec
import pytest

from engine.latent.datasets.mnist import Mnist
from engine.latent.datasets.npz import NpzFile
from engine.latent.vae.architectures.residual_mlp import ResidualMlp
from engine.latent.vae.cli.arguments import data_from, recipe_from
from engine.latent.vae.recipe import Jitter, Recipe


@pytest.mark.parametrize(
    ("settings", "recipe"),
    [
        ([], Recipe()),
        (["epochs=3", "seed=7"], Recipe(epochs=3, seed=7)),
        (["jitter.shift=0.5", "jitter.turn=4"], Recipe(jitter=Jitter(shift=0.5, turn=4))),
        (["architecture.octaves=2"], Recipe(architecture=ResidualMlp(octaves=2))),
        (["architecture.octaves=2", "architecture=residualmlp"], Recipe()),
        (["precision=float32", "learning_rate=1e-3"], Recipe(precision="float32", learning_rate=1e-3)),
    ],
)
def test_settings_change_the_recipe(settings, recipe):
    assert recipe_from(settings) == recipe


@pytest.mark.parametrize(
    "setting",
    [
        "nothing=1",
        "epochs=-1",
        "epochs=many",
        "epochs=[1]",
        "seed",
        "=",
        "jitter.sideways=1",
        "jitter.shift.more=1",
        "architecture=Transformer",
        "architecture.type=Mlp",
        "learning_rate=1e999",
        "learning_rate=NaN",
        "jitter=0",
        "data=elephants",
    ],
)
def test_a_bad_setting_gets_one_sentence(setting):
    with pytest.raises(ValueError, match=r"^The (recipe has no )?setting") as caught:
        recipe_from([setting])
    assert not isinstance(caught.value, msgspec.ValidationError)
    assert str(caught.value).count("\n") == 0


@pytest.mark.parametrize(
    ("setting", "allowed"),
    [
        ("grid=1e9", "Choose a whole number from 4 to 128."),
        ("jitter.shift=15", "Choose a number from 0 to 14."),
        ("objective=ELBO", "Choose VAE, AE, GAN, exact evidence or encoder."),
        ("architecture=Linear", "Choose ResidualMlp, Mlp, Affine, Convolutional or Coordinates."),
        ("mirror=7", "Choose true or false."),
        ("data.path=3", "Choose from data, architecture"),
        ("teacher=../x", "not possible: the value of teacher is not possible."),
    ],
)
def test_a_value_that_is_not_possible_gets_those_that_are(setting, allowed):
    with pytest.raises(ValueError) as caught:
        recipe_from([setting])
    assert allowed in str(caught.value)


def test_the_exact_evidence_with_more_latents_says_what_it_needs():
    with pytest.raises(ValueError, match=r"it needs two latents, without the class\.$"):
        recipe_from(["objective=exact evidence", "latents=8"])


@pytest.mark.parametrize("name", ["mnist", "MNIST", "Mnist"])
def test_a_data_set_is_found_by_its_name(name):
    assert data_from(name) == Mnist()


def test_a_file_is_found_by_its_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.npz").touch()
    assert data_from("mine.npz") == NpzFile(path=str(tmp_path / "mine.npz"))


@pytest.mark.parametrize("text", ["elephants", "nowhere.npz", "", "NpzFile", "notes.txt"])
def test_other_data_get_one_sentence(tmp_path, monkeypatch, text):
    (tmp_path / "notes.txt").touch()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match=r"^[^\n]+\.$"):
        data_from(text or "x/y")
