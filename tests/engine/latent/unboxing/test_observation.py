"""What captions say about the likelihood of the measurements."""

import pytest

from engine.latent.document import Latent
from engine.latent.inputs.input import Blank, FromData
from engine.latent.observations.blur import Blur
from engine.latent.observations.full import Full
from engine.latent.unboxing.observation import APPROXIMATE, approximation


@pytest.mark.parametrize(
    ("observation", "image", "words"),
    [(Full(), FromData(7), ""), (Blur(), FromData(7), APPROXIMATE), (Blur(), Blank(), "")],
)
def test_only_an_approximate_likelihood_of_an_image_is_called_so(observation, image, words):
    assert approximation(Latent().with_input(image).with_observation(observation)) == words
