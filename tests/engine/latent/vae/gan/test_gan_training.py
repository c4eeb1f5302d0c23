"""The training of a GAN: equal on each run, resumed to the last bit, and named if it diverges."""

import numpy as np
import pytest
import torch
from msgspec.structs import replace

from engine.latent.datasets.data_set import Images
from engine.latent.vae.gan.beginning import MISSING
from engine.latent.vae.gan.gan_training import GanTraining
from engine.latent.vae.gan_recipe import NOT_PLAIN, PLAIN, GanRecipe, refusal
from engine.latent.vae.networks.checkpoint import load_model
from engine.latent.vae.training.training import DivergedError
from tests.engine.latent.vae.gan.small import BASE, IMAGES, small


def weights(training):
    return torch.cat([w.detach().flatten() for w in (*training.networks.parameters(), *training.averaged.parameters())])


def trained(training, until=99):
    for step in training:
        if step == until:
            break
    return training


def test_the_same_recipe_gives_the_same_weights_and_another_seed_others():
    first, again = trained(small()), trained(small())
    assert torch.equal(weights(first), weights(again))
    other = trained(GanTraining(replace(first.recipe, seed=1), IMAGES))
    own = trained(small(seed=1))
    assert not torch.equal(weights(first), weights(other)) and torch.equal(weights(own), weights(other))
    assert first.step == 9 and len(first.history.table) == 9


@pytest.mark.parametrize("stop", [1, 3, 5])
def test_a_resumed_training_equals_an_uninterrupted_one(stop):
    whole, part = trained(small()), trained(small(), stop)
    part.train_discriminator()
    whole_by_hand = trained(small(), stop)
    whole_by_hand.train_discriminator()
    resumed = small()
    resumed.load(part.state())
    assert torch.equal(weights(trained(resumed)), weights(trained(whole_by_hand)))
    assert not torch.equal(weights(resumed), weights(whole))  # the step by hand counts
    np.testing.assert_array_equal(resumed.history.table, whole_by_hand.history.table)
    assert resumed.remarks == ("1 steps of D alone, 0 of G alone",)


def test_a_step_alone_changes_one_network_only_and_no_count():
    training = trained(small(), 2)
    d, g = training.networks.discriminator, training.networks.generator
    before = copies(d), copies(g)
    loss, _ = training.train_discriminator()
    assert loss > 0
    assert not equal(before[0], d) and equal(before[1], g)
    before = copies(d), copies(g)
    training.train_generator()
    assert equal(before[0], d) and not equal(before[1], g)
    assert training.step == 2


def copies(network):
    return [weight.detach().clone() for weight in network.parameters()]


def equal(before, network):
    return all(torch.equal(a, b) for a, b in zip(before, network.parameters(), strict=True))


def test_a_state_of_other_images_or_of_another_recipe_is_refused():
    state = trained(small(), 2).state()
    other = Images(IMAGES.pixels[::-1], IMAGES.labels, IMAGES.classes)
    with pytest.raises(ValueError, match="images have changed"):
        GanTraining(state.position.recipe, other).load(state)
    with pytest.raises(ValueError, match="another recipe"):
        small(gamma=2.0).load(state)


def test_the_penalties_are_lazy_and_keep_their_weight(monkeypatch):
    """Every fourth step of D has four times the penalties, so that their weight is γ on average."""
    seen = []
    training = small(every=4, discriminator_steps=3, steps=4)
    plain = training._train_discriminator
    monkeypatch.setattr(training, "_train_discriminator", lambda x, times: seen.append(times) or plain(x, times))
    trained(training)
    assert seen == [4, 0, 0, 0] * 3


def test_the_generator_begins_with_the_decoder_of_the_vae():
    vae = load_model("mnist")
    images = Images(np.zeros((70, 28, 28), np.uint8), np.zeros(70, np.uint8), ("0",))
    recipe = vae.card.recipe.beside(GanRecipe(steps=1, averaging=0.0))
    training = GanTraining(recipe, images)
    z = torch.tensor([[0.3, -1.0]])
    with torch.inference_mode():
        assert torch.equal(training.networks.images(z), vae.networks.mean(z))
    assert recipe.vae() == vae.card.recipe


def test_a_gan_whose_vae_is_not_here_is_refused(monkeypatch):
    monkeypatch.setattr("engine.latent.vae.gan.beginning.shipped_models", lambda: ("coordinates",))
    with pytest.raises(ValueError) as refusal:
        GanTraining(BASE.beside(GanRecipe()), IMAGES)
    assert str(refusal.value) == MISSING
    with pytest.raises(ValueError, match="not on this computer"):
        GanTraining(BASE.beside(GanRecipe(begins_at=7)), IMAGES)


def test_a_loss_that_is_not_finite_is_named():
    training = small(discriminator_rate=1.0, generator_rate=1.0)
    with torch.no_grad():
        training.networks.discriminator.out.weight.fill_(float("nan"))
    with pytest.raises(DivergedError, match=r"diverged at step 1.*not a finite number"):
        trained(training)


def test_the_curves_keep_the_mean_of_each_pair_when_they_are_long():
    history = small().history
    for step in range(1, 1001):
        history.take(step, step, 2 * step, -step)
    table = history.table
    assert history.stride == 2 and len(table) == 500
    np.testing.assert_allclose(table[:, 1], np.arange(1.5, 1000, 2))
    np.testing.assert_allclose(table[:, 2:], table[:, [1, 1]] * [2, -1])
    np.testing.assert_array_equal(table[:, 0], np.arange(2, 1001, 2))


def test_a_gan_beside_a_model_with_more_than_z_is_refused(monkeypatch):
    """The fields that say so are compared by their names: here another field stands for them."""
    assert refusal(BASE) == ""
    monkeypatch.setitem(PLAIN, "epochs", BASE.epochs + 1)
    with pytest.raises(ValueError) as reason:
        small()
    assert str(reason.value) == NOT_PLAIN
