"""The answers of probes, compared with sums and integrals by other methods."""

import numpy as np
import pytest
from msgspec.structs import replace
from scipy.special import logsumexp
from scipy.stats import norm

from engine.regression import GaussianBumps, LinearModel, Observations, Polynomial, Source
from engine.regression.data.truths import Cubic
from engine.regression.display import Display
from engine.regression.document import Regression
from engine.regression.probes import DataPlace, WeightPlace

LINE = Regression(observations=Observations([0.9, -0.6, 0.2], [0.15, -0.6, -0.2]), step=3)
CUBIC = Regression(
    model=LinearModel(Polynomial(3)),
    source=Source(truth=Cubic()),
    observations=Observations([0.9, -0.6, 0.2, 0.5], [0.15, -0.6, -0.2, 0.4]),
    step=4,
)


@pytest.mark.parametrize("degree", [1, 2, 5])
@pytest.mark.parametrize("step", [0, 1, 3])
def test_the_terms_of_bayes_rule_add_up(degree, step):
    document = Regression(LinearModel(Polynomial(degree)), observations=LINE.observations, step=step)
    bayes = WeightPlace(-0.21, 0.48).answer(document).bayes
    if step == 0:
        assert bayes.log_likelihood is None
        assert bayes.log_prior == bayes.log_posterior
        return
    total = bayes.log_prior + bayes.log_likelihood - bayes.log_evidence
    assert total == pytest.approx(bayes.log_posterior, abs=1e-9)
    x, t = document.observations.x, document.observations.t
    evidences = [document.model.condition(x[:n], t[:n]).log_evidence for n in (step - 1, step)]
    assert bayes.log_evidence == pytest.approx(evidences[1] - evidences[0])


def test_the_likelihood_of_more_weights_is_integrated_over_the_others():
    document = Regression(LinearModel(Polynomial(2)), observations=LINE.observations, step=3)
    bayes = WeightPlace(0.1, 0.2).answer(document).bayes
    before = document.model.condition(LINE.observations.x[:2], LINE.observations.t[:2]).weights
    # ∫ p(t₃|w) p(w₂|w₀, w₁, t₁, t₂) dw₂ by quadrature
    w2 = np.linspace(-8, 8, 20_001)
    w = np.column_stack([np.full_like(w2, 0.1), np.full_like(w2, 0.2), w2])
    joint = np.exp(before.log_density(w))
    likelihood = norm(-0.2, 0.2).pdf(w @ [1, 0.2, 0.04])
    integrated = np.sum(joint * likelihood) / np.sum(joint)
    assert bayes.log_likelihood == pytest.approx(np.log(integrated), abs=1e-6)


def test_a_position_in_weight_space_gives_a_line_in_data_space():
    answer = WeightPlace(-0.3, 0.5, low=-2, high=2).answer(LINE)
    x, line = answer.curve
    assert (x[0], x[-1]) == (-2, 2)
    np.testing.assert_allclose(line, -0.3 + 0.5 * x)


def test_a_position_in_data_space_gives_the_prediction():
    answer = DataPlace(0.4, 0.0).answer(LINE).slice
    prediction = LINE.model.condition(LINE.observations.x, LINE.observations.t).predict([0.4])
    assert answer.mean == pytest.approx(prediction.mean[0])
    assert np.hypot(answer.epistemic, answer.noise) == pytest.approx(np.sqrt(prediction.variance[0]))


@pytest.mark.parametrize("pair", [(0, 1), (1, 0), (0, 2), (3, 1)])
def test_the_densities_of_any_pair_are_marginals(pair):
    """Compared with the joint density of all four weights, summed over the other two on a grid."""
    document = CUBIC.with_setting(Display(across=pair[0], up=pair[1]))
    rest = [i for i in range(4) if i not in pair]
    before, after = (CUBIC.model.condition(CUBIC.observations.x[:n], CUBIC.observations.t[:n]).weights for n in (3, 4))
    grid = np.stack(np.meshgrid(*[np.linspace(-7, 7, 501)] * 2, indexing="ij"), -1).reshape(-1, 2)
    for place in ((-0.3, 0.4), (0.6, -0.8)):
        w = np.empty((len(grid), 4))
        w[:, pair], w[:, rest] = place, grid
        summed = [logsumexp(density.log_density(w)) + 2 * np.log(14 / 500) for density in (before, after)]
        bayes = WeightPlace(*place).answer(document).bayes
        assert bayes.log_prior == pytest.approx(summed[0], abs=1e-6)
        assert bayes.log_posterior == pytest.approx(summed[1], abs=1e-6)
        total = bayes.log_prior + bayes.log_likelihood - bayes.log_evidence
        assert total == pytest.approx(bayes.log_posterior, abs=1e-9)


def test_the_line_of_a_position_has_its_weights_and_the_most_probable_others():
    document = CUBIC.with_setting(Display(across=2, up=0))
    answer = WeightPlace(0.7, -0.2).answer(document)
    weights = np.polynomial.polynomial.polyfit(*answer.curve, 3)
    assert weights[[2, 0]] == pytest.approx([0.7, -0.2])
    posterior = CUBIC.model.condition(CUBIC.observations.x, CUBIC.observations.t).weights
    for step in np.eye(4)[[1, 3]] * 1e-3:
        assert posterior.log_density(weights) > posterior.log_density(weights + step)
        assert posterior.log_density(weights) > posterior.log_density(weights - step)


@pytest.mark.parametrize("basis", [Polynomial(0), GaussianBumps(count=1, bias=False)], ids=lambda b: type(b).__name__)
def test_a_model_with_one_weight_has_an_empty_answer(basis):
    document = replace(LINE.pin((0.1, 0.2)), model=LinearModel(basis))
    answer = WeightPlace(0.1, 0.2).answer(document)
    assert (answer.bayes, answer.curve) == (None, None)
