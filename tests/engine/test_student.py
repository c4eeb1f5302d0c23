"""Student's t, compared with scipy, and contours."""

import numpy as np
import pytest
from mpmath import mp
from scipy import stats

from engine.gaussian import Gaussian
from engine.plane import contour
from engine.student import StudentT, log_student, log_student_plus_normal, student_entropy

SHAPE = np.array([[1.0, 0.6], [0.6, 2.0]])


@pytest.mark.parametrize("df", [1.0, 4.0, 50.0])
def test_the_density_agrees_with_scipy(df):
    w = np.random.default_rng(0).standard_normal((50, 2)) * 5
    ours = StudentT(Gaussian.from_moments([1, -1], SHAPE), df)
    np.testing.assert_allclose(ours.log_density(w), stats.multivariate_t([1, -1], SHAPE, df).logpdf(w), rtol=1e-10)
    np.testing.assert_allclose(log_student(w, df), stats.t(df).logpdf(w), rtol=1e-10)


def test_the_kernel_over_a_grid_is_the_density_up_to_a_constant():
    ours, x, y = StudentT(Gaussian.from_moments([1, -1], SHAPE), 3.0), np.linspace(-3, 3, 7), np.linspace(-2, 2, 5)
    over = ours.log_kernel_over(x, y)
    exact = ours.log_density(np.stack(np.meshgrid(x, y), axis=-1))
    np.testing.assert_allclose(over - over[0, 0], exact - exact[0, 0], atol=1e-5)


def test_a_contour_of_a_cone_is_a_closed_circle():
    x, y = np.linspace(-2, 2, 81), np.linspace(-3, 3, 101)
    ends = contour(-np.hypot(x[None, :], y[:, None]), x, y, -1.2345).reshape(-1, 2)
    np.testing.assert_allclose(np.hypot(*ends.T), 1.2345, atol=2e-3)
    _, times = np.unique(np.round(ends, 9), axis=0, return_counts=True)
    assert np.all(times == 2)
    length = np.linalg.norm(ends[::2] - ends[1::2], axis=1).sum()
    assert length == pytest.approx(2 * np.pi * 1.2345, rel=1e-3)


def test_a_saddle_gives_two_segments():
    ends = contour(np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([0.0, 1.0]), np.array([0.0, 1.0]), 0.5)
    assert ends.shape == (2, 4)


@pytest.mark.slow
@pytest.mark.parametrize("df", [2.1, 4.0, 30.0, 1000.0])
@pytest.mark.parametrize("ratio", [0.0, 1e-3, 0.3, 1.0, 3.5, 10.0, 100.0, 1e6])
def test_a_normal_beside_it_at_every_ratio_of_widths(df, ratio):
    """The reference is the mixture over ln λ with 30 digits and many more nodes."""
    with mp.workdps(30):
        a, variance, width = mp.mpf(df) / 2, mp.mpf(ratio) ** 2, float(np.hypot(1, ratio))
        for z in (0.0, 0.5 * width, width, 3 * width, 30.0):
            step = min(mp.mpf("0.12"), mp.mpf("0.25") / mp.sqrt(a))
            low = -70 / float(a) - 2 * np.log1p(z) - 3
            high = float(mp.log(1 + 80 / a + mp.sqrt(160 / a)))

            def integrand(y, z=z, a=a, variance=variance):
                spread = variance + mp.exp(-y)
                return mp.exp(
                    a * (mp.log(a) + y - mp.exp(y)) - mp.loggamma(a) - mp.mpf(z) ** 2 / (2 * spread)
                ) / mp.sqrt(2 * mp.pi * spread)

            terms = (integrand(i * step) for i in range(int(low / step), int(high / step) + 2))
            exact = float(mp.log(step * mp.fsum(terms)))
            assert log_student_plus_normal(z, ratio**2, df, 1.0) == pytest.approx(exact, abs=1e-9)


def test_without_the_normal_it_is_student():
    z = np.array([0.0, 1.0, -30.0, 1e4])
    np.testing.assert_allclose(log_student_plus_normal(z, 0.0, 4.0, 0.5), stats.t(4, scale=0.5).logpdf(z), atol=1e-9)


@pytest.mark.parametrize("df", [2.1, 4.0, 30.0, 1000.0])
def test_the_entropy_is_scipys(df):
    assert student_entropy(df) == pytest.approx(stats.t(df).entropy(), abs=1e-10)
