"""The gradient by hand: that of PyTorch to the bit, and that of differences; and the networks that it is not for."""

import numpy as np
import pytest
import torch
from torch import nn

from engine.latent.datasets.data_set import Images
from engine.latent.vae.architectures.convolutional import Convolutional
from engine.latent.vae.architectures.mlp import Mlp
from engine.latent.vae.architectures.residual_mlp import ResidualMlp
from engine.latent.vae.likelihoods import Bernoulli, ContinuousBernoulli, GreyBernoulli
from engine.latent.vae.networks.build import networks_for
from engine.latent.vae.networks.networks import Posterior
from engine.latent.vae.recipe import Recipe
from engine.latent.vae.training.data_parallel import DataParallel
from engine.latent.vae.training.fully_connected import FullyConnected
from engine.latent.vae.training.objectives import Descent
from engine.latent.vae.training.training import Training

PIXELS, N, D = (6, 7), 10, 2
CPU = torch.device("cpu")
SMALL = {"encoder_width": 16, "bottleneck": 8, "decoder_width": 12}  # of networks with residual blocks
FORMS = {
    "ReLU": Mlp(widths=(16, 8), activation="ReLU"),
    "GELU": Mlp(widths=(16, 8), activation="GELU"),
    "tanh": Mlp(widths=(16, 8), activation="tanh"),
    "usual": ResidualMlp(),
    "residual": ResidualMlp(**SMALL),
    "residual, without blocks and waves": ResidualMlp(**SMALL, encoder_blocks=0, decoder_blocks=0, octaves=0),
    "residual, three blocks": ResidualMlp(**SMALL, encoder_blocks=3, octaves=1),
}


def networks_of(architecture, likelihood=None, classes=0):
    torch.manual_seed(1)
    return networks_for(architecture, likelihood or Bernoulli(), PIXELS, D, classes)


def batch(grey):
    generator = torch.Generator().manual_seed(2)
    x = torch.rand(N, PIXELS[0] * PIXELS[1], generator=generator)
    x = x if grey else (x > 0.6).float()
    return torch.zeros(N, dtype=torch.int64), x, x * 1.25, torch.randn(N, D, generator=generator)


@pytest.mark.parametrize("precision", ["bfloat16", "float32"])
@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize(
    "how",
    [
        {},
        {"likelihood": GreyBernoulli(), "beta": 3.0, "kl_warm_up": 7.0},
        {"objective": "AE"},
        {"mistake": "mean over pixels, sum of KL"},
    ],
    ids=["ELBO", "grey", "AE", "mistake"],
)
def test_the_gradient_is_that_of_pytorch_to_the_bit(precision, form, how):
    recipe = Recipe(architecture=form, precision=precision, **how)
    networks = networks_of(recipe.architecture, recipe.likelihood)
    last = [layer for layer in networks.encoder.modules() if isinstance(layer, nn.Linear)][-1]
    with torch.no_grad():
        last.bias[D] = 9.0  # some log variances are beyond their limit
        last.weight[D] *= 30
    given = batch(isinstance(recipe.likelihood, GreyBernoulli))
    descent = Descent(networks, recipe, DataParallel(), CPU)
    assert descent.fully_connected is not None
    found = []
    for _ in range(2):
        terms = descent(1.5, *given)
        found.append([*terms, *(weight.grad.clone() for weight in networks.parameters())])
        descent.fully_connected = None
    assert all(torch.equal(one, other) for one, other in zip(*found, strict=True))
    assert all(bool(gradient.any()) for gradient in found[0][2:])


@pytest.mark.parametrize("precision", ["bfloat16", "float32"])
def test_fifty_steps_of_the_usual_networks_give_the_weights_of_pytorch_to_the_bit(precision):
    pixels = np.random.default_rng(0).integers(0, 256, (128, 12, 14), np.uint8)
    images = Images(pixels, np.zeros(128, np.uint8), ("A",))
    widths = {"encoder_width": 64, "bottleneck": 32, "decoder_width": 64}
    recipe = Recipe(architecture=ResidualMlp(**widths), batch=32, epochs=20, precision=precision)
    ours, theirs = Training(recipe, images), Training(recipe, images)
    assert ours.descend.fully_connected is not None
    theirs.descend.fully_connected = None
    for _, mine, other in zip(range(50), ours, theirs, strict=False):
        assert mine.batch == other.batch
    assert ours.step == theirs.step == 50
    found, wanted = ours.state().tensors, theirs.state().tensors
    assert all(torch.equal(found[name], wanted[name]) for name in wanted if name != "epochs")


@pytest.mark.parametrize(
    "form", [Mlp(widths=(8,), activation="tanh"), ResidualMlp(**SMALL)], ids=["fully connected", "residual"]
)
def test_the_gradient_is_that_of_differences(form):
    """A small step along the gradient changes the sum of the terms by the squared length of the gradient per step."""
    networks = networks_of(form)
    by_hand, (_, x, encoded, noise) = FullyConnected.of(networks, torch.float32), batch(grey=False)
    scales = torch.tensor(-0.5), torch.tensor(0.25)
    by_hand.descend(x, encoded, noise, *scales)
    gradients = [weight.grad.clone() for weight in networks.parameters()]

    def total(step):
        with torch.no_grad():
            for weight, gradient in zip(networks.parameters(), gradients, strict=True):
                weight += step * gradient
        fit, kl = by_hand.descend(x, encoded, noise, *scales)
        return float((scales[0] * fit + scales[1] * kl).double().sum())

    step = 1e-4
    up, down = total(step), total(-2 * step)
    slope = sum(float(gradient.double().square().sum()) for gradient in gradients)
    assert (up - down) / (2 * step) == pytest.approx(slope, rel=2e-3)


def test_other_networks_are_left_to_pytorch():
    frozen = networks_of(Mlp(widths=(8,)))
    frozen.decoder.requires_grad_(False)
    others = [
        networks_of(Convolutional()),
        networks_of(ResidualMlp(), ContinuousBernoulli()),
        networks_of(Mlp(), ContinuousBernoulli()),
        networks_of(Mlp(), classes=3),
        frozen,
    ]
    assert [FullyConnected.of(networks, torch.float32) for networks in others] == [None] * len(others)
    others = [networks_of(Mlp(widths=(8,), activation="GELU")) for _ in range(5)]
    others[0].encoder.layers[1] = torch.nn.GELU("tanh")  # an approximation
    others[1].decoder[0] = torch.nn.Linear(D, 8, bias=False)
    others[2].decoder[2].weight = others[2].encoder.layers[0].weight  # one matrix in both networks
    others[3].encoder.__class__ = type("Other", (Posterior,), {})  # which may compute something else
    others[4].register_parameter("more", torch.nn.Parameter(torch.zeros(3)))
    assert [FullyConnected.of(networks, torch.float32) for networks in others] == [None] * 5
    apart = Descent(networks_of(Mlp()), Recipe(architecture=Mlp()), DataParallel(), torch.device("meta"))
    wrong = Recipe(architecture=Mlp(), mistake="σ instead of σ²")
    assert apart.fully_connected is None
    assert Descent(networks_of(Mlp()), wrong, DataParallel(), CPU).fully_connected is None
