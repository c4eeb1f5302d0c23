"""Overlays: aggregate posterior, holes, sensitivity, errors and factors, each against an independent computation."""

import numpy as np
import pytest
from scipy import integrate, stats

from engine.derived import PENDING, whole
from engine.latent.charts import CHARTS, Linear
from engine.latent.document import Latent
from engine.latent.model import Embedding
from engine.latent.plane.cell_grid import BLOCK, MOST_CELLS, Grid, along, grid_over
from engine.latent.plane.kernel_regression import correlations, smoothed
from engine.latent.plane.overlays.aggregate_posterior import Aggregate, AggregatePosterior, log_ratio
from engine.latent.plane.overlays.decoder_sensitivity import DecoderSensitivity
from engine.latent.plane.overlays.factor_contours import FactorContours
from engine.latent.plane.overlays.overlay import CLEAR, OVERLAYS, SHADES, Nothing, OverlaySettings
from engine.latent.plane.overlays.reconstruction_error import ReconstructionError
from engine.latent.posterior.scoring.latent_gradients import log_sensitivity
from engine.part import title_of
from engine.plane import Viewport
from engine.session import Session, decode, encode

RNG = np.random.default_rng(0)
MIXTURE = Aggregate(RNG.normal(0, 1.5, (7, 2)), RNG.uniform(0.2, 0.9, (7, 2)))
VIEW = Viewport(-3.1, 2.7, -2.0, 3.3, 400, 360)


class Known:
    """A model whose encoded images are given by the test."""

    def __init__(self, embedding):
        self.embedding = embedding


def density(z):
    """The density of the mixture by scipy, component by component."""
    parts = [
        stats.multivariate_normal(mean, np.diag(deviation**2)).pdf(z)
        for mean, deviation in zip(MIXTURE.mean, MIXTURE.deviation, strict=True)
    ]
    return np.mean(parts, axis=0)


def test_the_aggregate_posterior_is_the_mixture_on_a_dense_grid():
    x, y = np.linspace(-8, 8, 401), np.linspace(-7, 9, 401)
    z = np.stack(np.meshgrid(x, y), axis=-1)
    dense = density(z)
    np.testing.assert_allclose(MIXTURE.log_density(z.reshape(-1, 2)), np.log(dense).ravel(), rtol=1e-10)
    total = integrate.simpson(integrate.simpson(dense, x=x), x=y)
    assert total == pytest.approx(1, abs=1e-6)
    masses = MIXTURE.masses(x[::40], y[::40])
    assert masses.sum() == pytest.approx(1, abs=1e-6)
    for row, column in ((4, 5), (2, 3), (5, 5)):
        part = np.s_[40 * row : 40 * row + 41, 40 * column : 40 * column + 41]
        inside = integrate.simpson(integrate.simpson(dense[part], x=x[:41]), x=y[:41])
        assert masses[row, column] == pytest.approx(inside, abs=1e-7)


def test_an_encoder_that_outputs_the_prior_has_no_holes_and_no_divergence():
    prior = Aggregate(np.zeros((50, 2)), np.ones((50, 2)))
    edges = np.linspace(-9, 9, 37)
    np.testing.assert_allclose(log_ratio(prior, edges, edges), 0, atol=1e-9)
    assert prior.holes(0.9) == 0
    assert whole_of(prior.divergence(40, 0)) == pytest.approx((0, 0), abs=1e-9)


def whole_of(generator):
    """The value that a generator returns."""
    while True:
        try:
            assert next(generator) is PENDING
        except StopIteration as end:
            return end.value


def test_the_divergence_agrees_with_quadrature_within_its_error():
    x = np.linspace(-9, 9, 601)
    z = np.stack(np.meshgrid(x, x), axis=-1)
    q, p = density(z), stats.multivariate_normal(np.zeros(2)).pdf(z)
    exact = integrate.simpson(integrate.simpson(q * np.log(q / p), x=x), x=x)
    kl, error = whole_of(MIXTURE.divergence(7000, 3))
    assert error < 0.05
    assert kl == pytest.approx(exact, abs=4 * error)


def test_if_half_the_plane_has_no_images_half_the_prior_is_in_holes():
    """Images have the density of the prior where z₀ > 0, and there are none where z₀ < 0."""
    from scipy.special import ndtri

    count = 120
    steps = ndtri((np.arange(count) + 0.5) / count)
    mean = np.stack(np.meshgrid(steps[steps > 0], steps), axis=-1).reshape(-1, 2)
    aggregate = Aggregate(mean, np.full_like(mean, 1e-3))
    cells = aggregate.cells
    assert cells == 30
    assert aggregate.holes(0.1) == pytest.approx(0.5, abs=1e-12)
    assert Aggregate(mean[:, ::-1], aggregate.deviation).holes(0.1) == pytest.approx(0.5, abs=1e-12)
    everywhere = np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)
    assert Aggregate(everywhere, np.full_like(everywhere, 1e-3)).holes(0.5) == 0


@pytest.mark.parametrize("kind", list(CHARTS))
def test_the_colours_show_the_ratio_of_the_masses_in_every_chart(kind):
    embedding = Embedding(MIXTURE.mean, MIXTURE.deviation, np.zeros(7, np.uint8), ("a",))
    chart = kind()
    view = VIEW if kind is Linear else Viewport(-0.1, 1.1, 0.2, 0.9, 400, 300)
    grid = grid_over(chart, view)
    laid = whole(AggregatePosterior().lay(Known(embedding), grid, ()))
    shown = laid.low + (laid.high - laid.low) * laid.image.astype(float) / SHADES
    seen = laid.viewport
    for row, column in ((30, 50), (50, 41), (20, 70)):
        corner = np.array([[seen.x[column], seen.y[row]]])
        half = np.array([(seen.right - seen.left) / seen.columns, (seen.top - seen.bottom) / seen.rows]) / 2
        low, high = (chart.to_latent(corner + sign * half)[0] for sign in (-1, 1))
        q = np.mean(
            np.prod(
                np.diff(stats.norm.cdf([low, high], MIXTURE.mean[:, None], MIXTURE.deviation[:, None]), axis=1), axis=2
            )
        )
        p = np.prod(stats.norm.cdf(high) - stats.norm.cdf(low))
        assert shown[row, column] == pytest.approx(np.clip(np.log(q / p), -3, 3), abs=0.02)
    held = chart.holds(np.stack(np.meshgrid(seen.x, seen.y), axis=-1))
    np.testing.assert_array_equal(laid.image == CLEAR, ~held)
    numbers = {finding.name: finding.value for finding in laid.findings}
    assert numbers["test images in q̄"] == 7


def test_the_grid_covers_the_viewport_and_does_not_move_with_it():
    grid = grid_over(Linear(), VIEW)
    seen = grid.viewport
    assert seen.left <= VIEW.left < VIEW.right <= seen.right
    assert seen.bottom <= VIEW.bottom < VIEW.top <= seen.top
    cell = (seen.right - seen.left) / seen.columns
    assert MOST_CELLS / 2 < 5.8 / cell <= MOST_CELLS
    moved = Viewport(VIEW.left + cell, VIEW.right + cell, VIEW.bottom, VIEW.top, 400, 360)
    assert grid_over(Linear(), moved) == grid
    covered = np.zeros((seen.rows, seen.columns), int)
    for rows, columns, block in grid.blocks:
        covered[rows, columns] += 1
        np.testing.assert_allclose(block.x, seen.x[columns])
        np.testing.assert_allclose(block.y, seen.y[rows])
        assert block.rows == BLOCK
    assert np.all(covered == 1)
    away = [np.hypot(b.x.mean() - seen.x.mean(), b.y.mean() - seen.y.mean()) for *_, b in grid.blocks]
    assert np.all(np.diff(away) > -1e-9) and away[0] < away[-1]  # those near the middle are drawn first


@pytest.mark.parametrize("kind", list(CHARTS))
def test_a_chart_maps_each_axis_on_its_own(kind):
    chart, steps = kind(), np.linspace(0.1, 0.9, 9)
    z = chart.to_latent(np.stack(np.meshgrid(steps, steps[::-1]), axis=-1))
    np.testing.assert_array_equal(z[..., 0], np.tile(along(chart, steps, 0), (9, 1)))
    np.testing.assert_array_equal(z[..., 1], np.tile(along(chart, steps[::-1], 1)[:, None], (1, 9)))


def test_smoothing_equals_kernel_regression_image_by_image():
    mean, values = RNG.normal(size=(30, 2)), RNG.normal(size=(30, 2))
    across, up = np.linspace(-1, 1, 5), np.linspace(-2, 1, 4)
    means, weight = smoothed(mean, values, across, up, 0.4)
    for row, column in np.ndindex(4, 5):
        away = np.hypot(*(mean - [across[column], up[row]]).T)
        kernel = stats.norm.pdf(away / 0.4) / stats.norm.pdf(0)
        assert weight[row, column] == pytest.approx(kernel.sum())
        np.testing.assert_allclose(means[:, row, column], np.average(values, axis=0, weights=kernel))


def test_correlations_equal_numpys_and_r_squared_that_of_least_squares():
    z = RNG.normal(size=(500, 2)) @ [[1.0, 0.3], [0.0, 0.8]] + 2
    factors = np.column_stack(
        [3 * z[:, 0] - 5, z[:, 1] + RNG.normal(size=500), np.full(500, 7.0), RNG.normal(size=500)]
    )
    found = correlations(z, factors, ("line", "noisy", "constant", "none"))
    for i in (0, 1, 3):
        expected = np.corrcoef(z.T, factors[:, i])[:2, 2]
        np.testing.assert_allclose(found.pearson[i], expected, atol=1e-12)
        line = stats.linregress(
            np.column_stack([np.ones(500), z])
            @ np.linalg.lstsq(np.column_stack([np.ones(500), z]), factors[:, i], rcond=None)[0],
            factors[:, i],
        )
        assert found.determination[i] == pytest.approx(line.rvalue**2, abs=1e-12)
    assert found.pearson[0, 0] == pytest.approx(1)
    assert np.isnan(found.pearson[2]).all()
    assert np.isnan(found.determination[2])
    assert found.n == 500


def test_contours_of_a_linear_factor_are_straight_and_end_where_there_are_no_images():
    steps = np.linspace(-2, 2, 81)
    mean = np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)
    factors = np.column_stack([mean[:, 0] + 2 * mean[:, 1], mean[:, 0]])
    embedding = Embedding(mean, np.full_like(mean, 0.1), np.zeros(len(mean), np.uint8), ("a",), factors, ("sum", "z₀"))
    laid = whole(FactorContours(smoothing=0.1).lay(Known(embedding), grid_over(Linear(), VIEW), (0, 1, 9)))
    assert {contour.factor for contour in laid.contours} == {0, 1}
    assert sorted({contour.level for contour in laid.contours if contour.factor == 0}) == [
        -4,
        -2,
        0,
        2,
        4,
    ]  # and ±6 only at the corners
    for contour in laid.contours:
        ends = contour.segments.reshape(-1, 2)
        inner = ends[np.abs(ends).max(axis=1) < 1.6]
        value = inner[:, 0] + 2 * inner[:, 1] if contour.factor == 0 else inner[:, 0]
        np.testing.assert_allclose(value, contour.level, atol=1e-3)
        assert np.abs(ends).max() < 2.6
        assert any(np.allclose(contour.label, end) for end in ends)
    np.testing.assert_allclose(laid.correlations.determination, 1)


def test_data_without_factors_have_a_reason_instead_of_contours():
    embedding = Embedding(MIXTURE.mean, MIXTURE.deviation, np.zeros(7, np.uint8), ("a",))
    laid = whole(FactorContours().lay(Known(embedding), grid_over(Linear(), VIEW), (0,)))
    assert laid.unavailable
    assert not laid.contours


@pytest.fixture(scope="module")
def model():
    return Latent().loaded_model


@pytest.mark.slow
@pytest.mark.parametrize("kind", list(OVERLAYS), ids=lambda kind: kind.__name__)
def test_every_overlay_has_a_meaning_and_covers_the_grid(model, kind):
    grid = Grid(Linear(), -3, 0, 1, 0, 1)
    laid = whole(kind().lay(model, grid, (0,)))
    assert kind.meaning.endswith(".")
    assert laid.overlay == kind()
    if laid.image is not None:
        assert kind.quantity
        assert laid.image.shape == (BLOCK, BLOCK)
        assert laid.viewport == grid.viewport
        assert laid.low < laid.high


class Curved(Known):
    """A model whose decoder is a function of z with a known derivative."""

    image_shape, light = (1, 3), False

    def __init__(self):
        self.vae = self

    def jacobian(self, z, step=1e-5):
        """The derivative of (sin x, xy, cosh 0.3 y) by central differences."""
        ways = step * np.eye(2)
        return np.stack([(self.seen(z + way) - self.seen(z - way)) / (2 * step) for way in ways], axis=-1)

    def seen(self, z):
        x, y = np.asarray(z, float).T
        return np.stack([np.sin(x), x * y, np.cosh(0.3 * y)], axis=1)

    def log_area(self, x, y):
        jacobian = np.array([[np.cos(x), 0], [y, x], [0, 0.3 * np.sinh(0.3 * y)]])
        return 0.5 * np.log(np.linalg.det(jacobian.T @ jacobian))


@pytest.mark.parametrize("kind", list(CHARTS))
def test_sensitivity_agrees_with_the_analytic_jacobian(kind):
    chart, model = kind(), Curved()
    view = Viewport(-3, 3, -2, 2, 300, 300) if kind is Linear else Viewport(-0.05, 1.0, 0.1, 0.9, 300, 300)
    *_, laid = DecoderSensitivity().lay(model, grid_over(chart, view), ())
    for row, column in ((3, 25), (40, 60), (55, 30)):
        x, y = chart.to_latent(np.array([laid.viewport.x[column], laid.viewport.y[row]]))
        shown = laid.low + (laid.high - laid.low) * laid.image[row, column] / SHADES
        within = (laid.high - laid.low) / SHADES
        assert shown == pytest.approx(np.clip(model.log_area(x, y), laid.low, laid.high), abs=within)
    held = chart.holds(np.stack(np.meshgrid(laid.viewport.x, laid.viewport.y), axis=-1))
    np.testing.assert_array_equal(laid.image == CLEAR, ~held)


@pytest.mark.proof
def test_sensitivity_of_the_shipped_decoder_agrees_with_automatic_differentiation(model):
    import torch

    decoder, z = model.vae.networks.decoder, np.random.default_rng(1).normal(size=(6, 2))
    for place, found in zip(z, log_sensitivity(model.vae, z), strict=True):
        here = torch.tensor(place[None], dtype=torch.float32, requires_grad=True)
        ink = torch.sigmoid(decoder(here))[0]
        rows = [torch.autograd.grad(pixel, here, retain_graph=True)[0][0].double().numpy() for pixel in ink]
        jacobian = np.array(rows)
        assert found == pytest.approx(0.5 * np.log(np.linalg.det(jacobian.T @ jacobian)), abs=2e-3)


def test_the_reconstruction_error_averages_bernoulli_losses(model):
    mean = model.embedding.mean
    pixels = model.vae.card.recipe.data.test().pixels
    *_, laid = ReconstructionError(smoothing=0.05).lay(model, grid_over(Linear(), VIEW), ())
    some = np.arange(0, 10_000, 97)
    ink = model.vae.decode(mean[some]).astype(float).reshape(len(some), -1)
    x = pixels[some].reshape(len(some), -1) > 127.5
    losses = -stats.bernoulli.logpmf(x, np.clip(ink, 1e-12, 1 - 1e-12)).sum(axis=1)
    numbers = {finding.name: finding.value for finding in laid.findings}
    assert numbers["mean of all"] == pytest.approx(losses.mean(), abs=4 * losses.std() / np.sqrt(len(some)))
    assert np.any(laid.image == CLEAR)
    assert laid.low < numbers["mean of all"] < laid.high


def test_the_overlay_is_saved_in_the_file():
    document = Latent(settings=(OverlaySettings(ReconstructionError(smoothing=0.3), 0.4, (1, 2)),))
    assert decode(encode(Session(document))).document == document
    assert isinstance(Latent()[OverlaySettings].kind, Nothing)
    assert title_of(AggregatePosterior) == "Aggregate posterior"
