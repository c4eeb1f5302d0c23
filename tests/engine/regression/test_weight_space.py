"""Prior, likelihood and posterior over two weights, compared with a dense grid and with each other."""

from functools import reduce

import numpy as np
import pytest
from msgspec.structs import replace
from scipy.stats import multivariate_normal, norm

from engine.derived import resolve
from engine.lecture import steps
from engine.plane import Viewport, heatmap
from engine.regression import GaussianBumps, GaussianNoise, LinearModel, Observations, Polynomial, StudentTNoise
from engine.regression.display import Display
from engine.regression.document import Regression
from engine.regression.weight_space import HeatmapSettings, weight_planes

OUT = [(2,), (7,), (0, 3), (1, 2, 3, 4, 5), tuple(range(8))]  # positions that are left out
LINE = Regression(observations=Observations([0.9, -0.6, 0.2], [0.15, -0.6, -0.2]), step=3)
VIEW = Viewport(-2, 1.5, -1, 1)


def planes(document, view=VIEW):
    three = resolve(document, {weight_planes: view}).get(weight_planes)
    return three.prior, three.likelihood, three.posterior


def test_the_three_heatmaps_are_the_densities():
    w = np.stack(np.broadcast_arrays(VIEW.x[None, :], VIEW.y[:, None]), axis=-1)
    before, after = (LINE.model.condition(LINE.observations.x[:n], LINE.observations.t[:n]).weights for n in (2, 3))
    densities = (
        multivariate_normal(before.mean, before.covariance).pdf(w),
        norm(-0.2, 0.2).pdf(w[..., 0] + 0.2 * w[..., 1]),
        multivariate_normal(after.mean, after.covariance).pdf(w),
    )
    for plane, density in zip(planes(LINE), densities, strict=True):
        np.testing.assert_allclose(plane.heatmap.image, 255 * density / density.max(), atol=1.01)


def test_prior_times_likelihood_is_the_posterior_cell_by_cell():
    prior, likelihood, posterior = (plane.heatmap.image / 255 for plane in planes(LINE))
    product = prior * likelihood
    np.testing.assert_allclose(product / product.max(), posterior, atol=0.03)


def test_the_log_colour_scale_applies_to_all_three_planes():
    for logarithmic, linear in zip(planes(LINE.with_setting(HeatmapSettings(True))), planes(LINE), strict=True):
        assert np.mean(logarithmic.heatmap.image > 0) > np.mean(linear.heatmap.image > 0)


@pytest.mark.parametrize("basis", [Polynomial(0), GaussianBumps(count=1, bias=False)], ids=lambda b: type(b).__name__)
def test_a_model_with_one_weight_has_no_plane(basis):
    for document in (LINE, LINE.pin((0.1, 0.2)), LINE.step_to(0)):
        changed = replace(document, model=LinearModel(basis))
        assert [plane.heatmap for plane in planes(changed)] == [None] * 3


def test_the_same_document_gives_the_same_pixels():
    one, other = (planes(steps()[3].document)[2].heatmap.image for _ in range(2))
    assert one.tobytes() == other.tobytes()
    assert not one.flags.writeable


def test_the_logarithmic_heatmap_ends_20_nats_below_its_maximum():
    view = Viewport(0, 1, 0, 1, 5, 1)
    shown = heatmap(np.array([[0.0, -5.0, -10.0, -20.0, -900.0]]), view, logarithmic=True)
    assert shown.image.tolist() == [[255, 191, 127, 0, 0]]


def test_the_formulas_of_the_planes():
    formulas = [[plane.formula for plane in planes(LINE.step_to(n))] for n in (0, 1, 2, 3)]
    assert formulas == [
        ["p(w)", "p(t|w)", "p(w)"],
        ["p(w)", "p(t₁|w)", "p(w|t₁)"],
        ["p(w|t₁)", "p(t₂|w)", "p(w|t₁, t₂)"],
        ["p(w|t₁, t₂)", "p(t₃|w)", "p(w|t₁…t₃)"],
    ]


def test_the_formulas_number_the_observations_as_the_ledger_does():
    """An observation that is left out keeps its number, and is named if at most two are missing."""
    many = Regression().with_drawn_points(8)
    shown = {out: [plane.formula for plane in planes(reduce(Regression.leave_out, out, many))] for out in OUT}
    assert shown == {
        (2,): ["p(w|t₁…t₇ without t₃)", "p(t₈|w)", "p(w|t₁…t₈ without t₃)"],
        (7,): ["p(w|t₁…t₆)", "p(t₇|w)", "p(w|t₁…t₇)"],
        (0, 3): ["p(w|t₂…t₇ without t₄)", "p(t₈|w)", "p(w|t₂…t₈ without t₄)"],
        (1, 2, 3, 4, 5): ["p(w|t₁, t₇)", "p(t₈|w)", "p(w|t₁…t₈ without 5 observations)"],
        tuple(range(8)): ["p(w)", "p(t|w)", "p(w)"],
    }


@pytest.mark.parametrize("pair", [(0, 1), (1, 0)])
def test_swapping_the_axes_transposes_the_planes(pair):
    given, swapped = (LINE.with_setting(Display(across=i, up=j)) for i, j in (pair, pair[::-1]))
    view = Viewport(-1, 1, -1, 1, 40, 40)
    for one, other in zip(planes(given, view), planes(swapped, view), strict=True):
        np.testing.assert_allclose(one.heatmap.image.astype(int), other.heatmap.image.T.astype(int), atol=1)


@pytest.mark.parametrize("precision", [1.0, 1e4, 1e9])
def test_the_likelihood_of_two_of_several_weights_is_posterior_over_prior(precision):
    """p(t | w_pair, past), up to a constant, is the posterior of the pair divided by its prior."""
    model = LinearModel(Polynomial(2), 2.0, GaussianNoise(precision))
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, 8)
    document = Regression(model=model, observations=Observations(x, np.sin(3 * x)), step=8)
    before = model.condition(x[:7], np.sin(3 * x[:7]))
    factor = before.likelihood((0, 2), x[7], np.sin(3 * x[7]))
    after = before.update(x[7], np.sin(3 * x[7]))
    w = before.weights.marginal([0, 2]).sample(rng, 50)
    ratio = after.weights.marginal([0, 2]).log_density(w) - before.weights.marginal([0, 2]).log_density(w)
    kernel = factor.log_kernel(w)
    np.testing.assert_allclose(kernel - kernel[0], ratio - ratio[0], rtol=1e-5, atol=1e-5)
    shown = planes(replace(document, settings=(Display(across=0, up=2),)))[1].heatmap
    places = np.stack(np.broadcast_arrays(VIEW.x[None, :], VIEW.y[:, None]), axis=-1)
    exact = factor.log_kernel(places)
    np.testing.assert_allclose(shown.image, 255 * np.exp(exact - exact.max()), atol=2)


def test_laplaces_approximation_is_named_in_every_plane_that_it_is_used_for():
    """The likelihood integrates the other weights out over the posterior of the earlier observations."""
    document = Regression(
        model=LinearModel(Polynomial(2), noise=StudentTNoise()),
        observations=Observations([0.9, -0.6], [0.15, -0.6]),
        step=2,
    )
    found = weight_planes(document, Viewport(-1, 1, -1, 1, 8, 8))
    assert found.prior.formula == "p(w₀, w₁|t₁), by Laplace"
    assert found.likelihood.formula == "p(t₂|w₀, w₁), by Laplace, the others integrated out"
    assert found.posterior.formula == "p(w₀, w₁|t₁, t₂), by Laplace"
    first = weight_planes(document.step_to(1), Viewport(-1, 1, -1, 1, 8, 8))
    assert "Laplace" not in first.prior.formula + first.likelihood.formula
