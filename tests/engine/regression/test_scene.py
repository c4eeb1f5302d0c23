"""The Regression scene and its answers against a dense grid and each other."""

from itertools import pairwise

import numpy as np
import pytest
from msgspec.structs import replace
from scipy.special import logsumexp
from scipy.stats import multivariate_normal, norm

from engine.lecture import steps
from engine.plane import Viewport, heatmap
from engine.regression import GaussianBumps, GaussianNoise, LinearModel, Observations, Polynomial, Source
from engine.regression.data.observations import CROWD
from engine.regression.data.truths import Cubic
from engine.regression.display import Display
from engine.regression.document import Regression
from engine.regression.pictures import PICTURES
from engine.regression.scene import DataPlace, Scene, WeightPlace

LINE = Regression(observations=Observations([0.9, -0.6, 0.2], [0.15, -0.6, -0.2]), step=3)
VIEW = {"weights": Viewport(-2, 1.5, -1, 1), "data": Viewport(-1, 1, -2, 2)}


def test_the_three_heatmaps_are_the_densities():
    scene = LINE.resolve(VIEW)
    view = VIEW["weights"]
    w = np.stack(np.broadcast_arrays(view.x[None, :], view.y[:, None]), axis=-1)
    before, after = (LINE.model.condition(LINE.observations.x[:n], LINE.observations.t[:n]).weights for n in (2, 3))
    densities = (
        multivariate_normal(before.mean, before.covariance).pdf(w),
        norm(-0.2, 0.2).pdf(w[..., 0] + 0.2 * w[..., 1]),
        multivariate_normal(after.mean, after.covariance).pdf(w),
    )
    for plane, density in zip((scene.prior, scene.likelihood, scene.posterior), densities, strict=True):
        np.testing.assert_allclose(plane.heatmap.image, 255 * density / density.max(), atol=1.01)


def test_prior_times_likelihood_is_the_posterior_cell_by_cell():
    scene = LINE.resolve(VIEW)
    product = scene.prior.heatmap.image / 255 * (scene.likelihood.heatmap.image / 255)
    np.testing.assert_allclose(product / product.max(), scene.posterior.heatmap.image / 255, atol=0.03)


def test_the_logarithmic_heatmap_ends_20_nats_below_its_maximum():
    view = Viewport(0, 1, 0, 1, 5, 1)
    shown = heatmap(np.array([[0.0, -5.0, -10.0, -20.0, -900.0]]), view, logarithmic=True)
    assert shown.image.tolist() == [[255, 191, 127, 0, 0]]


@pytest.mark.parametrize("degree", [1, 2, 5])
@pytest.mark.parametrize("step", [0, 1, 3])
def test_bayes_rule_in_numbers(degree, step):
    document = Regression(LinearModel(Polynomial(degree)), observations=LINE.observations, step=step)
    bayes = document.probe(WeightPlace(-0.21, 0.48)).bayes
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
    bayes = document.probe(WeightPlace(0.1, 0.2)).bayes
    before = document.model.condition(LINE.observations.x[:2], LINE.observations.t[:2]).weights
    # ∫ p(t₃|w) p(w₂|w₀, w₁, past) dw₂, by quadrature.
    w2 = np.linspace(-8, 8, 20_001)
    w = np.column_stack([np.full_like(w2, 0.1), np.full_like(w2, 0.2), w2])
    joint = np.exp(before.log_density(w))
    likelihood = norm(-0.2, 0.2).pdf(w @ [1, 0.2, 0.04])
    integrated = np.sum(joint * likelihood) / np.sum(joint)
    assert bayes.log_likelihood == pytest.approx(np.log(integrated), abs=1e-6)


def test_a_place_in_weight_space_is_a_line_in_data_space():
    answer = LINE.probe(WeightPlace(-0.3, 0.5, low=-2, high=2))
    x, line = answer.curve
    assert (x[0], x[-1]) == (-2, 2)
    np.testing.assert_allclose(line, -0.3 + 0.5 * x)


def test_a_place_in_data_space_is_answered_with_the_prediction():
    answer = LINE.probe(DataPlace(0.4, 0.0)).slice
    there = LINE.model.condition(LINE.observations.x, LINE.observations.t).predict([0.4])
    assert answer.mean == pytest.approx(there.mean[0])
    assert np.hypot(answer.epistemic, answer.noise) == pytest.approx(np.sqrt(there.variance[0]))


def test_the_band_is_what_its_name_says():
    for band, noise in (("predictive", 1), ("weights", 0)):
        for deviations in (1, 2):
            document = Regression(
                observations=LINE.observations, step=3, display=Display(band=band, deviations=deviations)
            )
            curves = document.resolve(VIEW).curves
            there = LINE.model.condition(LINE.observations.x, LINE.observations.t).predict(curves.x)
            half = deviations * np.sqrt(there.epistemic_variance + noise * there.noise_variance)
            np.testing.assert_allclose(curves.band[1] - curves.mean, half)
            np.testing.assert_allclose(curves.mean - curves.band[0], half)
    assert Regression(display=Display(band="none")).resolve(VIEW).curves.band is None


def test_the_same_document_gives_the_same_picture():
    one, other = (steps()[3].document.resolve(VIEW) for _ in range(2))
    assert one.posterior.heatmap.image.tobytes() == other.posterior.heatmap.image.tobytes()
    assert one.curves.samples.tobytes() == other.curves.samples.tobytes()
    assert not one.posterior.heatmap.image.flags.writeable


def test_samples_move_a_little_when_a_point_moves_a_little():
    near = LINE.move(0, 0.9 + 1e-6, 0.15)
    np.testing.assert_allclose(near.resolve(VIEW).curves.samples, LINE.resolve(VIEW).curves.samples, atol=1e-4)


def test_a_single_weight_has_no_plane():
    scene = Regression(LinearModel(Polynomial(0))).observe(0.1, 0.2).resolve(VIEW)
    assert scene.prior.heatmap is scene.likelihood.heatmap is scene.posterior.heatmap is None
    assert len(scene.curves.mean)


def test_the_planes_are_named_after_what_they_show():
    formulas = [[plane.formula for plane in planes(LINE.step_to(n))] for n in (0, 1, 2, 3)]
    assert formulas == [
        ["p(w)", "p(t|w)", "p(w)"],
        ["p(w)", "p(t₁|w)", "p(w|t₁)"],
        ["p(w|t₁)", "p(t₂|w)", "p(w|t₁, t₂)"],
        ["p(w|t₁, t₂)", "p(t₃|w)", "p(w|t₁…t₃)"],
    ]


def planes(document, viewports=VIEW):
    scene = document.resolve(viewports)
    return scene.prior, scene.likelihood, scene.posterior


def test_a_crowd_is_counted_in_cells():
    rng = np.random.default_rng(0)
    x, t = rng.uniform(-1, 1, (2, CROWD + 1))
    crowd = Regression(observations=Observations(x, t)).resolve(VIEW).crowd
    counts, *_ = np.histogram2d(t, x, bins=256, range=[[-2, 2], [-1, 1]])
    np.testing.assert_allclose(crowd.image, np.floor(255 * counts / counts.max()), atol=1)
    assert LINE.resolve(VIEW).crowd is None


def test_pinned_lines_run_where_their_weights_say():
    curves = LINE.pin((0.1, -0.4)).resolve(VIEW).curves
    np.testing.assert_allclose(curves.pins, [0.1 - 0.4 * curves.x])


CUBIC = Regression(
    model=LinearModel(Polynomial(3)),
    source=Source(truth=Cubic()),
    observations=Observations([0.9, -0.6, 0.2, 0.5], [0.15, -0.6, -0.2, 0.4]),
    step=4,
)


@pytest.mark.parametrize("pair", [(0, 1), (1, 0), (0, 2), (3, 1)])
def test_the_planes_of_any_pair_are_marginals(pair):
    """Against the joint density of all four weights, summed over the other two on a grid."""
    document = CUBIC.shown(Display(across=pair[0], up=pair[1]))
    rest = [i for i in range(4) if i not in pair]
    before, after = (CUBIC.model.condition(CUBIC.observations.x[:n], CUBIC.observations.t[:n]).weights for n in (3, 4))
    grid = np.stack(np.meshgrid(*[np.linspace(-7, 7, 501)] * 2, indexing="ij"), -1).reshape(-1, 2)
    for place in ((-0.3, 0.4), (0.6, -0.8)):
        w = np.empty((len(grid), 4))
        w[:, pair], w[:, rest] = place, grid
        summed = [logsumexp(known.log_density(w)) + 2 * np.log(14 / 500) for known in (before, after)]
        bayes = document.probe(WeightPlace(*place)).bayes
        assert bayes.log_prior == pytest.approx(summed[0], abs=1e-6)
        assert bayes.log_posterior == pytest.approx(summed[1], abs=1e-6)
        total = bayes.log_prior + bayes.log_likelihood - bayes.log_evidence
        assert total == pytest.approx(bayes.log_posterior, abs=1e-9)


@pytest.mark.parametrize("pair", [(0, 1), (1, 0)])
def test_a_plane_can_be_turned_on_its_side(pair):
    across, up = (LINE.shown(Display(across=i, up=j)) for i, j in (pair, pair[::-1]))
    view = {"weights": Viewport(-1, 1, -1, 1, 40, 40)}
    for one, other in zip(planes(across, view), planes(up, view), strict=True):
        np.testing.assert_allclose(one.heatmap.image.astype(int), other.heatmap.image.T.astype(int), atol=1)


def test_a_pair_that_the_model_lacks_gives_way_to_one_that_it_has():
    for across in range(6):
        for up in range(6):
            for degree in range(5):
                document = Regression(model=LinearModel(Polynomial(degree)), display=Display(across=across, up=up))
                i, j = document.pair
                assert i != j
                assert max(i, j) <= max(degree, 1)
                if max(across, up) <= degree and across != up:
                    assert (i, j) == (across, up)


def test_the_line_of_a_place_has_these_weights_and_the_likeliest_others():
    document = CUBIC.shown(Display(across=2, up=0))
    answer = document.probe(WeightPlace(0.7, -0.2))
    weights = np.polynomial.polynomial.polyfit(*answer.curve, 3)
    assert weights[[2, 0]] == pytest.approx([0.7, -0.2])
    posterior = CUBIC.model.condition(CUBIC.observations.x, CUBIC.observations.t).weights
    for step in np.eye(4)[[1, 3]] * 1e-3:
        assert posterior.log_density(weights) > posterior.log_density(weights + step)
        assert posterior.log_density(weights) > posterior.log_density(weights - step)


def test_another_plane_takes_the_pins_away_and_another_band_does_not():
    document = CUBIC.pin((0.1, 0.2))
    assert document.shown(Display(band="none")).pins == ((0.1, 0.2),)
    assert document.shown(Display(across=2)).pins == ()


@pytest.mark.parametrize("basis", [Polynomial(0), GaussianBumps(count=1, bias=False)], ids=lambda b: type(b).__name__)
def test_a_single_weight_has_no_plane_and_breaks_nothing(basis):
    document = replace(LINE.pin((0.1, 0.2)), model=LinearModel(basis))
    scene = document.resolve({})
    assert [plane.heatmap for plane in planes(document)] == [None] * 3
    assert len(scene.curves.pins) == 0
    answer = document.probe(WeightPlace(0.1, 0.2))
    assert (answer.bayes, answer.curve) == (None, None)


@pytest.mark.parametrize("precision", [1.0, 1e4, 1e9])
def test_the_likelihood_over_two_of_several_weights_is_what_the_evidence_says(precision):
    """p(t | w_pair, past) is the evidence of t with the pair known: posterior over prior, in double precision."""
    model = LinearModel(Polynomial(2), 2.0, GaussianNoise(precision))
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, 8)
    document = Regression(model=model, observations=Observations(x, np.sin(3 * x)), step=8)
    before = model.condition(x[:7], np.sin(3 * x[:7]))
    factor = before.likelihood((0, 2), x[7], np.sin(3 * x[7]))
    after = before.update(x[7], np.sin(3 * x[7]))
    w = before.weights.marginal([0, 2]).sample(rng, 50)
    ratio = after.weights.marginal([0, 2]).log_density(w) - before.weights.marginal([0, 2]).log_density(w)
    found = factor.log_kernel(w)
    np.testing.assert_allclose(found - found[0], ratio - ratio[0], rtol=1e-5, atol=1e-5)
    shown = replace(document, display=Display(across=0, up=2)).resolve(VIEW).likelihood.heatmap
    places = np.stack(np.broadcast_arrays(VIEW["weights"].x[None, :], VIEW["weights"].y[:, None]), axis=-1)
    exact = factor.log_kernel(places)
    np.testing.assert_allclose(shown.image, 255 * np.exp(exact - exact.max()), atol=2)


def test_another_model_takes_the_pins_of_another_plane_away():
    document = replace(LINE, model=LinearModel(Polynomial(5)), display=Display(across=3, up=4)).pin((0.1, 0.2))
    assert document.modelled(LinearModel(Polynomial(6))).pins == ((0.1, 0.2),)
    assert document.modelled(LinearModel(Polynomial(1))).pins == ()


def test_nothing_is_drawn_twice():
    document = Regression().draw(5)
    again = document.remove(0).draw(3)
    assert len(set(again.observations.x.tolist())) == 7
    assert document.draw(1).observations.x[5] == Regression().draw(6).observations.x[5]


ALL = {name: Viewport(-1, 1, -1, 1) for name in PICTURES.made}


def test_it_unfolds_from_the_planes_to_the_whole():
    scenes = list(LINE.unfold(ALL))
    assert scenes[0].pictures == {}
    assert set(scenes[-1].pictures) == set(PICTURES.made)
    for scene in scenes:
        assert scene.document is LINE
        assert scene.posterior is scenes[0].posterior
        assert scene.curves is scenes[0].curves
    for before, after in pairwise(scenes):
        changed = [name for name in after.pictures if after.pictures[name] is not before.pictures.get(name)]
        assert len(changed) <= 1


def test_without_pictures_the_scene_is_whole_at_once():
    assert isinstance(LINE.unfold({"data": Viewport(-1, 1, -1, 1)}), Scene)
    assert LINE.resolve({}).pictures == {}


def test_every_picture_comes_first_once_in_a_while():
    first = set()
    for _ in range(3 * len(PICTURES.made)):
        unfolding = LINE.unfold(ALL)
        first |= set(next(scene.pictures for scene in unfolding if scene.pictures))
        unfolding.close()
    assert first == set(PICTURES.made) - PICTURES.last
