"""The losses and the penalty of a GAN, against numbers by hand."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from engine.latent.vae.gan.adversaries import (
    Adversaries,
    discriminator_loss,
    generator_loss,
    gradient_penalty,
)
from engine.latent.vae.gan.discriminator import Discriminator
from engine.latent.vae.gan_recipe import GanRecipe
from tests.engine.latent.vae.gan.small import BASE


def test_both_losses_are_ln_2_for_equal_logits_and_say_who_wins():
    equal = torch.tensor([1.5, -2.0])
    assert discriminator_loss(equal, equal).item() == pytest.approx(math.log(2), rel=1e-7)
    assert generator_loss(equal, equal).item() == pytest.approx(math.log(2), rel=1e-7)
    real, generated = torch.tensor([2.0, 0.0]), torch.tensor([-1.0, 1.0])  # differences 3 and −1
    expected = [-np.log(1 / (1 + np.exp(-d))).mean() for d in (np.array([3.0, -1.0]), np.array([-3.0, 1.0]))]
    assert discriminator_loss(real, generated).item() == pytest.approx(expected[0], rel=1e-6)
    assert generator_loss(real, generated).item() == pytest.approx(expected[1], rel=1e-6)


def test_the_penalty_of_a_linear_and_of_a_quadratic_discriminator_is_half_the_squared_gradient():
    weights = torch.tensor([[3.0, -4.0]])
    linear = nn.Linear(2, 1)
    with torch.no_grad():
        linear.weight.copy_(weights)
    x = torch.tensor([[0.2, 0.9], [1.0, 0.0], [5.0, 5.0]])
    assert gradient_penalty(linear, x).item() == pytest.approx(12.5)
    # D = ‖x‖² has the gradient 2x, so that the penalty is 2 E‖x‖².
    quadratic = nn.Module()
    quadratic.forward = lambda x: x.square().sum(1)
    assert gradient_penalty(quadratic, x).item() == pytest.approx(2 * (0.04 + 0.81 + 1 + 50) / 3, rel=1e-6)


def test_the_penalty_trains_the_discriminator():
    linear = nn.Linear(2, 1)
    gradient_penalty(linear, torch.zeros(3, 2)).backward()
    torch.testing.assert_close(linear.weight.grad, linear.weight.detach())  # of ½‖w‖²


@pytest.mark.parametrize("shape", [(28, 28), (6, 6), (1, 3), (32, 32, 3)])
def test_the_discriminator_takes_images_of_every_shape(shape):
    x = torch.rand(4, math.prod(shape))
    assert Discriminator(shape, 2)(x).shape == (4,)


def test_the_discriminator_reads_rows_columns_and_colours_in_the_order_of_the_images():
    discriminator = Discriminator((5, 4, 3), 2)
    x = torch.rand(1, 5, 4, 3)
    changed = x.clone()
    changed[0, 1, 2, 0] += 1
    grids = [values.permute(0, 3, 1, 2) for values in (x, changed)]
    moved = (discriminator.filters[0](grids[1]) - discriminator.filters[0](grids[0])).abs().sum((0, 1)) > 0
    assert moved.nonzero().tolist() == [[0, 1], [1, 1]]  # the filters around row 1 and column 2
    flat = [discriminator(values.flatten(1)) for values in (x, changed)]
    assert flat[0] != flat[1]


def test_the_generator_draws_images_from_0_to_1():
    networks = Adversaries(BASE.beside(GanRecipe()), (6, 6))
    images = networks.images(100 * torch.randn(5, 2))
    assert images.shape == (5, 36)
    assert images.min() >= 0 and images.max() <= 1
