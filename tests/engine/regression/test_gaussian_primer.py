"""The Gaussian primer: the fit against numpy and scipy, and the laws of its sums."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from engine.derived import resolve
from engine.plane import Viewport
from engine.regression.document import Regression
from engine.regression.gaussian_primer import HOME, WITHIN, Moments, PrimerPoints, drawn, gaussian_primer, moments

POINTS = drawn((), 1, 40)
ROWS = np.array(POINTS)
places = st.tuples(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9))


def of(points):
    """One by one, from nothing."""
    made = Moments()
    for point in points:
        made = made.after(point)
    return made


def picture(points, view=HOME):
    document = Regression(settings=(PrimerPoints(tuple(points)),))
    return resolve(document, {gaussian_primer: view}).get(gaussian_primer)


def test_the_sums_and_the_fit_are_numpys():
    found = of(POINTS)
    sums = [float(part) for part in (found.x, found.y, found.xx, found.xy, found.yy)]
    x, y = ROWS.T
    np.testing.assert_allclose(sums, [x.sum(), y.sum(), x @ x, x @ y, y @ y], rtol=1e-13)
    np.testing.assert_allclose(found.mean, ROWS.mean(axis=0), rtol=1e-13)
    np.testing.assert_allclose(found.covariance(), np.cov(ROWS.T, bias=True), rtol=1e-12)
    np.testing.assert_allclose(found.covariance(unbiased=True), np.cov(ROWS.T), rtol=1e-12)
    assert found.correlation == pytest.approx(np.corrcoef(ROWS.T)[0, 1], abs=1e-13)


def test_the_density_is_scipys_and_no_other_is_likelier():
    found = of(POINTS)
    law = stats.multivariate_normal(ROWS.mean(axis=0), np.cov(ROWS.T, bias=True))
    assert found.log_likelihood == pytest.approx(law.logpdf(ROWS).sum(), abs=1e-9)
    np.testing.assert_allclose(found.fit.log_density(ROWS), law.logpdf(ROWS), atol=1e-9)
    for other in (np.cov(ROWS.T), np.cov(ROWS.T, bias=True) * 0.98):
        assert stats.multivariate_normal(ROWS.mean(axis=0), other).logpdf(ROWS).sum() < found.log_likelihood


def test_the_picture_is_the_density_and_its_ellipses_hold_what_they_say():
    found = picture(POINTS, Viewport(-3, 3, -2, 2, 60, 40))
    law = stats.multivariate_normal(ROWS.mean(axis=0), np.cov(ROWS.T, bias=True))
    view = found.density.viewport
    density = law.pdf(np.stack(np.meshgrid(view.x, view.y), axis=-1))
    np.testing.assert_allclose(found.density.image / 255, density / density.max(), atol=1 / 254)
    inverse = np.linalg.inv(np.cov(ROWS.T, bias=True))
    for times, outline, share in zip((1, 2), found.ellipses, WITHIN, strict=True):
        away = outline - ROWS.mean(axis=0)
        np.testing.assert_allclose(np.einsum("ni,ij,nj->n", away, inverse, away), times**2, rtol=1e-9)
        assert share == pytest.approx(stats.chi2(2).cdf(times**2), abs=1e-12)


@given(st.lists(places, max_size=12), st.randoms())
def test_the_order_does_not_matter(points, random):
    shuffled = random.sample(points, len(points))
    assert of(shuffled) == of(points)


@given(st.lists(places, max_size=8), places)
def test_what_is_added_and_taken_away_leaves_nothing(points, point):
    assert of(points).after(point).without(point) == of(points)


@given(st.lists(places, min_size=2, max_size=8), st.integers(-1000, 1000), st.integers(-1000, 1000))
def test_shifting_all_points_shifts_the_mean_alone(points, across, up):
    points = [(float(np.round(x)), float(np.round(y))) for x, y in points]
    here, there = of(points), of([(x + across, y + up) for x, y in points])
    np.testing.assert_allclose(there.mean, here.mean + np.array([across, up]), rtol=1e-12, atol=1e-9)
    np.testing.assert_array_equal(there.covariance(), here.covariance())
    assert there.correlation == here.correlation
    assert there.log_likelihood == here.log_likelihood


def test_far_from_nought_no_digit_is_lost():
    """Sums of squares in floating point would leave nothing of a spread of 1 at 10⁹."""
    near = [(0.0, 0.0), (1.0, 0.5), (0.25, 1.0)]
    far = [(x + 999_999_000.0, y - 999_999_000.0) for x, y in near]
    np.testing.assert_array_equal(of(far).covariance(), of(near).covariance())
    np.testing.assert_allclose(of(near).covariance(), np.cov(np.array(near).T, bias=True), rtol=1e-14)


@given(st.lists(st.lists(places, max_size=6), max_size=6))
def test_it_does_not_matter_what_was_looked_at_before(several):
    for points in several:
        assert moments(tuple(points)) == of(points)


@pytest.mark.parametrize(
    ("points", "why"),
    [
        ([], "Click here"),
        ([(1, 2)], "One point"),
        ([(1, 2), (3, -1)], "Two points"),
        ([(1, 2)] * 5, "one place"),
        ([(0.1 * i, 0.3 * i + 0.7) for i in range(9)], "on a line"),
        ([(float(i), 2.0) for i in range(4)], "on a line"),
        ([(-1.0, float(i)) for i in range(4)], "on a line"),
        ([(1e-180 * i, 1e-180 * i * i) for i in range(4)], "one place"),
    ],
)
def test_without_a_spread_there_is_a_sentence_and_no_density(points, why):
    found = picture([(float(x), float(y)) for x, y in points])
    assert found.density is None
    assert found.ellipses == ()
    assert found.moments.fit is None
    assert found.moments.log_likelihood is None
    assert why in found.moments.unavailable
    if points:
        assert np.isfinite(found.moments.mean).all()
        assert np.isfinite(found.moments.covariance()).all()


def test_nearly_on_a_line_is_not_on_a_line():
    points = [(float(i), 2.0 * i + 1e-3 * (i % 2)) for i in range(6)]
    found = of(points)
    law = stats.multivariate_normal(np.mean(points, axis=0), np.cov(np.transpose(points), bias=True))
    assert found.unavailable == ""
    assert found.log_likelihood == pytest.approx(law.logpdf(points).sum(), rel=1e-5)
    assert picture(points).density is not None


def test_points_are_drawn_as_the_button_says():
    rows = np.array(drawn((), 3, 4000))
    np.testing.assert_allclose(rows.mean(axis=0), 0, atol=0.06)
    np.testing.assert_allclose(np.cov(rows.T), [[1, 0.6], [0.6, 1]], atol=0.08)
    assert drawn(POINTS, 1, 20)[:40] == POINTS
    assert not set(drawn(POINTS, 1, 20)[40:]) & set(POINTS)


def test_absurd_points_are_refused():
    with pytest.raises(ValueError, match="Points"):
        PrimerPoints(((1e300, 0.0),))
