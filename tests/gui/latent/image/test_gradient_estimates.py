"""The unit of a gradient estimate is that of its parameter."""

import pytest

from engine.latent.image.reparameterisation import PARAMETERS
from gui.latent.image.gradient_estimates import unit_of

UNITS = ("nats per unit of z", "nats per unit of z", "nats", "nats")


@pytest.mark.parametrize(("parameter", "unit"), list(zip(PARAMETERS, UNITS, strict=True)))
def test_a_derivative_with_respect_to_the_mean_is_in_nats_per_unit_of_z(parameter, unit):
    assert unit_of(parameter) == unit
