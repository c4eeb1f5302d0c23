"""The three heatmaps over the latent plane: what their captions say about the edge of the lattice."""

import pytest

from engine.derived import Pending
from engine.latent.document import Latent
from engine.latent.inputs.input import FromData
from engine.latent.unboxing.latent_space import LATENTS, planes
from engine.plane import Viewport


def first(viewport):
    """The first heatmaps of an image of the shipped digits."""
    shown = next(value for value in planes(Latent(input=FromData(5)), viewport) if not isinstance(value, Pending))
    return shown.prior, shown.likelihood, shown.posterior


@pytest.mark.parametrize("viewport", [Viewport(-7, 7, -3, 3, 140, 60), Viewport(-1, 1, 2, 7, 20, 50)])
def test_a_viewport_beyond_the_lattice_is_named_because_nothing_is_computed_there(viewport):
    for plane in first(viewport):
        assert plane.formula.endswith("), computed to ±6")
    image = first(viewport)[1].heatmap.image
    outside = abs(viewport.x) > 6.02, abs(viewport.y) > 6.02
    assert image.max() == 255
    assert not image[:, outside[0]].any()
    assert not image[outside[1]].any()


@pytest.mark.parametrize("viewport", [LATENTS, Viewport(-6, 6, -6, 6, 50, 50)])
def test_a_viewport_inside_the_lattice_has_no_remark(viewport):
    assert [plane.formula for plane in first(viewport)] == ["p(z)", "p(x|z)", "p(z|x)"]
