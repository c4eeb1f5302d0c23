"""The cost of a grid over more than two latents, against exact integers."""

import pytest

from engine.latent.unboxing.intractable import cost, duration, nodes, too_many


@pytest.mark.parametrize(
    ("latents", "words"),
    [
        (2, "301² = 91,000 decoded images, about 4.5 seconds"),
        (3, "301³ = 2.7·10⁷ decoded images, about 23 minutes"),
        (4, "301⁴ = 8.2·10⁹ decoded images, about 4.8 days"),
        (8, "301⁸ = 6.7·10¹⁹ decoded images, about 1.1·10⁸ years"),
    ],
)
def test_the_cost_is_that_of_the_exact_number(latents, words):
    assert nodes(latents) == 301**latents
    assert cost(latents).startswith(words)


def test_a_short_time_is_in_seconds():
    assert duration(2) == "4.5 seconds"
    assert "8 latents" in too_many(8) and "Estimating ln p(x)" in too_many(8)
