"""An encoder is trained further with a decoder that stays to the bit: ln p(x) stays and only the ELBO changes."""

import msgspec
import pytest
import torch
from msgspec.structs import replace

from engine.latent.datasets.data_set import DATASETS
from engine.latent.document import Latent
from engine.latent.training.runs import checkpoint_path, run_folder
from engine.latent.training.training import TrainingSettings, with_recipe
from engine.latent.vae.networks.checkpoint import load_model, save_model
from engine.latent.vae.recipe import TEACHING, Jitter, Recipe
from engine.latent.vae.training.elbo import evaluate
from engine.latent.vae.training.exact_evidence import evidence
from engine.latent.vae.training.teacher import MISSING, UNPAIRED
from engine.latent.vae.training.training import Training, finish
from engine.part import decode_hook, encode_hook
from tests.engine.latent.vae import bars

SMALL = replace(bars.SMALL, precision="float32", mirror=True, beta=3.0, input_dropout=0.3)


@pytest.fixture
def images(monkeypatch):
    monkeypatch.setitem(DATASETS.members, "Bars", bars.Bars)
    return SMALL.data.train(), SMALL.data.test()


def taught(images):
    """A VAE with a wrong q, saved as a checkpoint of this computer, and a training of its encoder."""
    torch.set_num_threads(1)
    training = Training(SMALL, *images)
    for _ in range(24):
        training._advance()
    path = checkpoint_path(SMALL, 24)
    path.parent.mkdir(parents=True, exist_ok=True)
    networks, card = finish(training, "VAE", samples=1)
    with torch.no_grad():
        networks.encoder.out.bias += 0.7  # all means of q are wrong
    save_model(path, networks, card)
    recipe = replace(SMALL.taught(f"{run_folder(SMALL).name}/24"), epochs=3, learning_rate=5e-3)
    return load_model(str(path)), Training(recipe, *images)


def test_only_the_encoder_is_trained_and_its_elbo_rises(images):
    before, training = taught(images)
    list(training)
    after, card = finish(training, "taught", samples=1)
    for name, weight in before.networks.state_dict().items():
        assert torch.equal(weight, after.state_dict()[name]) is name.startswith("decoder"), name
    test = images[1]
    assert evidence(after, test, 16) == evidence(before.networks, test, 16)  # ln p(x), to the last bit
    elbos = [evaluate(networks, SMALL.likelihood, test).total for networks in (before.networks, after)]
    assert elbos[0] + 0.2 < elbos[1] < evidence(after, test, 16).total
    assert card.recipe.teacher.endswith("/24")


def test_a_training_of_an_encoder_is_resumed_to_the_bit(images):
    _, training = taught(images)
    for _ in range(5):
        training._advance()
    again = Training.restore(training.state(), *images)
    for one in (training, again):
        one._advance()
    assert all(torch.equal(a, b) for a, b in zip(training.averages, again.averages, strict=True))


def test_the_recipe_of_a_taught_encoder_has_the_plain_elbo_of_whole_images():
    recipe = replace(SMALL, jitter=Jitter(shift=1.0), mistake="no ½ in the KL", kl_warm_up=3.0).taught("mnist")
    assert {name: getattr(recipe, name) for name in TEACHING} == TEACHING
    assert recipe.jitter == Jitter() and recipe.noise == 1 and recipe.kl_weight(0.0) == 1
    assert recipe.architecture == SMALL.architecture and recipe.seed == SMALL.seed


@pytest.mark.parametrize("teacher", ["nobody", "0123456789abcdef/7", "mnist"])
def test_without_its_model_or_with_other_networks_the_reason_is_said(images, teacher):
    with pytest.raises(ValueError, match=f"^{MISSING}$"):
        Training(replace(SMALL, objective="encoder", teacher=teacher), *images)


@pytest.mark.parametrize(
    "wrong", [{"objective": "encoder"}, {"teacher": "mnist"}, {"teacher": "mnist", "objective": "AE"}]
)
def test_the_objective_and_the_teacher_belong_together(images, wrong):
    """A decoder that no one names would be a random one, and a decoder that is kept in a VAE would not learn."""
    with pytest.raises(ValueError, match=f"^{UNPAIRED}$"):
        Training(replace(SMALL, **wrong), *images)


def test_the_recipe_of_another_objective_keeps_no_decoder():
    recipe = SMALL.taught("mnist")
    for other in (recipe.vae(), recipe.autoencoder(), recipe.on_exact_evidence()):
        assert other.teacher == "" and other.objective != "encoder"
    longer = with_recipe(Latent(), recipe.continued())
    assert longer[TrainingSettings].recipe.teacher == "mnist"
    assert with_recipe(longer, replace(recipe, objective="VAE"))[TrainingSettings].recipe.teacher == ""


def test_a_teacher_is_no_path():
    plain = msgspec.to_builtins(replace(Recipe(), teacher="mnist"), enc_hook=encode_hook)
    assert msgspec.convert(plain, Recipe, dec_hook=decode_hook).teacher == "mnist"
    with pytest.raises(msgspec.ValidationError, match="teacher"):
        msgspec.convert(plain | {"teacher": "../../passwords"}, Recipe, dec_hook=decode_hook)


def test_the_recipe_of_the_next_training_is_no_gan():
    """The page cannot show a GAN as its model; a session file that asks for it is refused in a sentence."""
    plain = {"type": "TrainingSettings", "recipe": {"type": "Recipe", "objective": "GAN"}}
    with pytest.raises(msgspec.ValidationError, match="in the panel GAN training"):
        msgspec.convert(plain, TrainingSettings, dec_hook=decode_hook)
