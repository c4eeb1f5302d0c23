"""The Gaussian primer: the fit, compared with numpy and scipy, and the rules of its sums."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from engine.derived import resolve
from engine.plane import Viewport
from engine.regression.document import Regression
from engine.regression.gaussian_primer import (
    EMPTY,
    HOME,
    LINE,
    ONE,
    SAME,
    TWO,
    WITHIN,
    Moments,
    PrimerPoints,
    drawn,
    gaussian_primer,
    moments,
)

POINTS = drawn((), 1, 40)
ROWS = np.array(POINTS)
places = st.tuples(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9))


def of(points):
    """The sums over `points`, added one by one."""
    sums = Moments()
    for point in points:
        sums = sums.after(point)
    return sums


def shown(points, view=HOME):
    document = Regression(settings=(PrimerPoints(tuple(points)),))
    return resolve(document, {gaussian_primer: view}).get(gaussian_primer)


def test_the_sums_and_the_fit_agree_with_numpy():
    result = of(POINTS)
    floats = [float(total) for total in (result.x, result.y, result.xx, result.xy, result.yy)]
    x, y = ROWS.T
    np.testing.assert_allclose(floats, [x.sum(), y.sum(), x @ x, x @ y, y @ y], rtol=1e-13)
    np.testing.assert_allclose(result.mean, ROWS.mean(axis=0), rtol=1e-13)
    np.testing.assert_allclose(result.covariance(), np.cov(ROWS.T, bias=True), rtol=1e-12)
    np.testing.assert_allclose(result.covariance(unbiased=True), np.cov(ROWS.T), rtol=1e-12)
    assert result.correlation == pytest.approx(np.corrcoef(ROWS.T)[0, 1], abs=1e-13)


def test_the_density_agrees_with_scipy_and_has_the_maximum_likelihood():
    result = of(POINTS)
    law = stats.multivariate_normal(ROWS.mean(axis=0), np.cov(ROWS.T, bias=True))
    assert result.log_likelihood == pytest.approx(law.logpdf(ROWS).sum(), abs=1e-9)
    np.testing.assert_allclose(result.fit.log_density(ROWS), law.logpdf(ROWS), atol=1e-9)
    for other in (np.cov(ROWS.T), np.cov(ROWS.T, bias=True) * 0.98):
        assert stats.multivariate_normal(ROWS.mean(axis=0), other).logpdf(ROWS).sum() < result.log_likelihood


def test_the_heatmap_is_the_density_and_the_ellipses_have_their_mass():
    result = shown(POINTS, Viewport(-3, 3, -2, 2, 60, 40))
    law = stats.multivariate_normal(ROWS.mean(axis=0), np.cov(ROWS.T, bias=True))
    view = result.density.viewport
    density = law.pdf(np.stack(np.meshgrid(view.x, view.y), axis=-1))
    np.testing.assert_allclose(result.density.image / 255, density / density.max(), atol=1 / 254)
    inverse = np.linalg.inv(np.cov(ROWS.T, bias=True))
    for times, outline, mass in zip((1, 2), result.ellipses, WITHIN, strict=True):
        deviation = outline - ROWS.mean(axis=0)
        np.testing.assert_allclose(np.einsum("ni,ij,nj->n", deviation, inverse, deviation), times**2, rtol=1e-9)
        assert mass == pytest.approx(stats.chi2(2).cdf(times**2), abs=1e-12)


@pytest.mark.slow
@given(st.lists(places, max_size=12), st.randoms())
def test_the_order_does_not_matter(points, random):
    shuffled = random.sample(points, len(points))
    assert of(shuffled) == of(points)


@pytest.mark.slow
@given(st.lists(places, max_size=8), places)
def test_adding_and_removing_a_point_restores_the_sums(points, point):
    assert of(points).after(point).without(point) == of(points)


@pytest.mark.slow
@given(st.lists(places, min_size=2, max_size=8), st.integers(-1000, 1000), st.integers(-1000, 1000))
def test_shifting_all_points_shifts_only_the_mean(points, dx, dy):
    points = [(float(np.round(x)), float(np.round(y))) for x, y in points]
    before, after = of(points), of([(x + dx, y + dy) for x, y in points])
    np.testing.assert_allclose(after.mean, before.mean + np.array([dx, dy]), rtol=1e-12, atol=1e-9)
    np.testing.assert_array_equal(after.covariance(), before.covariance())
    assert after.correlation == before.correlation
    assert after.log_likelihood == before.log_likelihood


def test_far_from_zero_no_digit_is_lost():
    """Sums of squares in floating point would lose a standard deviation of 1 at 10⁹."""
    near = [(0.0, 0.0), (1.0, 0.5), (0.25, 1.0)]
    far = [(x + 999_999_000.0, y - 999_999_000.0) for x, y in near]
    np.testing.assert_array_equal(of(far).covariance(), of(near).covariance())
    np.testing.assert_allclose(of(near).covariance(), np.cov(np.array(near).T, bias=True), rtol=1e-14)


@pytest.mark.slow
@given(st.lists(st.lists(places, max_size=6), max_size=6))
def test_the_sums_do_not_depend_on_earlier_calls(several):
    for points in several:
        assert moments(tuple(points)) == of(points)


@pytest.mark.parametrize(
    ("points", "why"),
    [
        ([], EMPTY),
        ([(1, 2)], ONE),
        ([(1, 2), (3, -1)], TWO),
        ([(1, 2)] * 5, SAME),
        ([(0.1 * i, 0.3 * i + 0.7) for i in range(9)], LINE),
        ([(float(i), 2.0) for i in range(4)], LINE),
        ([(-1.0, float(i)) for i in range(4)], LINE),
        ([(1e-180 * i, 1e-180 * i * i) for i in range(4)], SAME),
    ],
)
def test_without_a_fit_the_reason_is_given(points, why):
    result = shown([(float(x), float(y)) for x, y in points])
    assert result.density is None
    assert result.ellipses == ()
    assert result.moments.fit is None
    assert result.moments.log_likelihood is None
    assert result.moments.unavailable == why
    if points:
        assert np.isfinite(result.moments.mean).all()
        assert np.isfinite(result.moments.covariance()).all()


def test_points_near_a_line_have_a_density():
    points = [(float(i), 2.0 * i + 1e-3 * (i % 2)) for i in range(6)]
    result = of(points)
    law = stats.multivariate_normal(np.mean(points, axis=0), np.cov(np.transpose(points), bias=True))
    assert result.unavailable == ""
    assert result.log_likelihood == pytest.approx(law.logpdf(points).sum(), rel=1e-5)
    assert shown(points).density is not None


def test_drawn_points_have_their_moments():
    rows = np.array(drawn((), 3, 4000))
    np.testing.assert_allclose(rows.mean(axis=0), 0, atol=0.06)
    np.testing.assert_allclose(np.cov(rows.T), [[1, 0.6], [0.6, 1]], atol=0.08)
    assert drawn(POINTS, 1, 20)[:40] == POINTS
    assert not set(drawn(POINTS, 1, 20)[40:]) & set(POINTS)


def test_points_out_of_range_are_refused():
    with pytest.raises(ValueError, match="Points"):
        PrimerPoints(((1e300, 0.0),))
