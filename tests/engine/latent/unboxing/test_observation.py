"""What captions say about the likelihood of the measurements."""

import pytest

from engine.latent.document import Latent
from engine.latent.inputs.input import FromData
from engine.latent.observations.blur import Blur
from engine.latent.observations.full import Full
from engine.latent.unboxing.observation import APPROXIMATE, approximation


@pytest.mark.parametrize(("observation", "step", "words"), [(Full(), 1, ""), (Blur(), 1, APPROXIMATE), (Blur(), 0, "")])
def test_only_an_approximate_likelihood_of_what_is_observed_is_called_so(observation, step, words):
    document = Latent().with_input(FromData(7)).with_observation(observation).step_to(step)
    assert approximation(document) == words
