"""True functions: the laws of every member of the family, and typed expressions, compared with numpy."""

import numpy as np
import pytest

from engine.regression import TRUTHS, Polynomial, Source
from engine.regression.data.expression import CONSTANTS, FUNCTIONS, evaluated
from engine.regression.data.truths import Cubic, Expression, Line, Sinc, Sinusoid, Step, Unknown
from engine.regression.model.basis import GaussianBumps

KNOWN = [kind() for kind in TRUTHS if kind is not Unknown]
every_truth = pytest.mark.parametrize("truth", KNOWN, ids=lambda truth: type(truth).__name__)
X = np.linspace(-1.3, 1.7, 41)


@every_truth
def test_a_true_function_has_one_finite_value_at_each_x(truth):
    t = truth.at(X)
    assert t.shape == X.shape
    assert np.all(np.isfinite(t))
    np.testing.assert_array_equal([truth.at(np.array([x]))[0] for x in X], t)


@every_truth
def test_draws_are_reproducible_and_have_the_noise_of_the_source(truth):
    source = Source(truth=truth, noise=0.3)
    drawn = np.array([source.draw(7, n) for n in range(400)])
    assert source.draw(7, 33) == tuple(drawn[33])
    residual = drawn[:, 1] - truth.at(drawn[:, 0])
    assert abs(residual.mean()) < 4 * 0.3 / 20
    assert residual.std() == pytest.approx(0.3, rel=0.15)


@every_truth
def test_the_weights_of_a_true_function_give_its_values(truth):
    for basis in [Polynomial(degree) for degree in range(6)] + [GaussianBumps()]:
        weights = truth.weights_in(basis)
        if weights is not None:
            np.testing.assert_allclose(basis.features(X) @ weights, truth.at(X), atol=1e-12)
    assert truth.weights_in(GaussianBumps()) is None
    assert (truth.weights_in(Polynomial(3)) is not None) == (truth.weights is not None)


def test_nothing_is_drawn_from_the_unknown_function_of_own_data():
    source = Source.of_own_data(np.array([3.0, -2.0, 7.5]))
    assert (source.low, source.high, source.knows_truth) == (-2.0, 7.5, False)
    with pytest.raises(ValueError, match="own data is unknown"):
        source.draw(1, 0)
    with pytest.raises(ValueError, match="own data is unknown"):
        source.measure(1, 0, 0.5)
    assert Unknown().weights_in(Polynomial(1)) is None
    one = Source.of_own_data(np.array([1.7e9]))
    assert one.low < 1.7e9 < one.high


def test_each_true_function_follows_its_formula():
    np.testing.assert_allclose(Sinusoid().at(X), np.sin(2 * np.pi * X))
    np.testing.assert_allclose(Cubic(1.0, 2.0, 3.0, 4.0).at(X), 1 + 2 * X + 3 * X**2 + 4 * X**3)
    np.testing.assert_array_equal(Step(0.2, -1.0, 2.0).at([0.1, 0.2]), [-1.0, 2.0])
    assert Sinc(2.0, 0.5).at([0.0, 0.5, 1.0]) == pytest.approx([2.0, 0.0, 0.0], abs=1e-15)
    assert Line().weights_in(Polynomial(0)) is None
    assert Line(0.5, 0.0).weights_in(Polynomial(0)) == [0.5]


@pytest.mark.parametrize(
    ("text", "exact"),
    [
        ("x", X),
        ("2", np.full_like(X, 2.0)),
        ("sin(2*pi*x)", np.sin(2 * np.pi * X)),
        ("−x^2 + 1", 1 - X**2),
        ("x**3/4 - e", X**3 / 4 - np.e),
        ("exp(-x*x)*cos(3·x)", np.exp(-X * X) * np.cos(3 * X)),
        ("abs(x) + sign(x)*tanh(x)", np.abs(X) + np.sign(X) * np.tanh(X)),
        ("2^-1", np.full_like(X, 0.5)),
    ],
)
def test_expressions_have_the_values_of_numpy(text, exact):
    np.testing.assert_allclose(evaluated(text, X), exact, rtol=1e-14, atol=1e-15)


@pytest.mark.parametrize("name", [*FUNCTIONS, *CONSTANTS])
def test_every_allowed_name_can_be_used(name):
    assert evaluated(f"{name}(x)" if name in FUNCTIONS else name, X).shape == X.shape


@pytest.mark.parametrize(
    "text",
    [
        "", "  ", "y", "x +", "import os", "__import__('os').system('true')", "x.real", "x[0]",
        "lambda: x", "x if x else 1", "sin", "sin()", "sin(x, x)", "sin(x=x)", "open('x')", "'x'", "True", "x == x",
        "[x]", "f'{x}'", "x; x", "x := 1",
        "(" * 300 + "x", "-" * 199 + "x", "1j", "x" * 201, "9" * 5000, "\0", "x @ x", "~x", "x // 1",
    ],
)  # fmt: skip
def test_other_text_is_refused_with_a_reason(text):
    with pytest.raises(ValueError, match=r"function|allowed"):
        Expression(text)


def test_no_point_is_drawn_where_an_expression_is_not_finite():
    assert np.isnan(evaluated("sqrt(x)", np.array([-1.0]))).all()
    assert np.isinf(evaluated("1/x", np.array([0.0]))).all()
    with pytest.raises(ValueError, match="not finite"):
        Source(truth=Expression("log(-1-x^2)")).draw(0, 0)
    assert np.isinf(evaluated("9^9^9^9", X)).all()
