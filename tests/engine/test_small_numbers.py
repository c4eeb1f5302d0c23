"""Numbers of small public functions of both halves against sums and loops of fractions, at values of hypothesis."""

from fractions import Fraction
from types import SimpleNamespace

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from msgspec.structs import replace

from engine.gaussian import Gaussian
from engine.latent.image_scores.sharpness import edge_per_ink
from engine.latent.observations.full import Full
from engine.latent.observations.half import Half
from engine.latent.plane.classes import most_probable
from engine.latent.plane.overlays.overlay import span_of
from engine.latent.posterior.grid_density import WeightedCells
from engine.latent.training.model_planes import SIDE, _plane
from engine.latent.unboxing.bracket import LEAST_WIDTH, start_of
from engine.latent.vae.likelihoods import Bernoulli
from engine.latent.vae.networks.checkpoint import load_model, save_model
from engine.regression import LinearModel, Polynomial, StudentTNoise
from engine.regression.display import Display
from engine.regression.document import Regression
from engine.regression.model_size import most_observations
from engine.regression.own_data import shown_truth
from tests.engine.latent.vae.tiny import tiny

FEW = settings(max_examples=12)
WHOLE = st.integers(-9, 9)


@FEW
@given(st.lists(WHOLE, min_size=2, max_size=40))
def test_the_span_of_an_overlay_leaves_out_two_per_cent_at_each_end(values):
    ordered = sorted(map(Fraction, values))

    def quantile(share):
        place = share * (len(ordered) - 1)
        below = int(place)
        above = min(below + 1, len(ordered) - 1)
        return ordered[below] + (place - below) * (ordered[above] - ordered[below])

    low, high = quantile(Fraction(1, 50)), quantile(Fraction(49, 50))
    with_gaps = np.append(np.array(values, float), [np.nan, np.inf])
    assert span_of(with_gaps) == pytest.approx((float(low), float(max(high, low + Fraction(1, 10**9)))), abs=1e-12)
    assert span_of(np.array([np.nan])) == (0, 1)


@FEW
@given(st.lists(st.tuples(WHOLE, st.integers(1, 9), st.integers(1, 5)), min_size=1, max_size=8))
def test_the_most_probable_latent_is_in_the_cell_of_the_highest_density(cells):
    density = [Fraction(share, side * side) for _, share, side in cells]
    best = density.index(max(density))
    z, share, side = (np.array(column, float) for column in zip(*cells, strict=True))
    mass = WeightedCells(np.column_stack([z, -z]), side, share)
    assert most_probable(SimpleNamespace(mass=mass)) == (cells[best][0], -cells[best][0])


def test_the_chains_begin_at_q_or_wider_if_a_part_is_seen():
    mean, narrow = np.array([1.0, -2.0]), np.array([LEAST_WIDTH / 2, 2 * LEAST_WIDTH])
    assert start_of(Full(), mean, narrow)[1].tolist() == narrow.tolist()
    begun = start_of(Half(), mean, narrow)
    assert begun[0].tolist() == [1, -2] and begun[1].tolist() == [LEAST_WIDTH, 2 * LEAST_WIDTH]


@FEW
@given(st.lists(st.tuples(WHOLE, WHOLE, WHOLE), min_size=2, max_size=6))
def test_a_triangular_root_is_the_same_gaussian(rows):
    root, target = np.array([row[:2] for row in rows], float), np.array([row[2] for row in rows], float)
    found = Gaussian(root, target).triangular()
    assert found.root.shape == (2, 2) and found.root[1, 0] == 0 and np.all(np.diag(found.root) >= 0)
    precision = [[sum(Fraction(row[i]) * row[j] for row in rows) for j in (0, 1)] for i in (0, 1)]
    shift = [sum(Fraction(row[i]) * row[2] for row in rows) for i in (0, 1)]
    assert found.root.T @ found.root == pytest.approx(np.array(precision, float), abs=1e-11)
    assert found.root.T @ found.target == pytest.approx(np.array(shift, float), abs=1e-11)


@FEW
@given(st.sets(st.integers(0, 7)), st.integers(0, 8), st.integers(0, 8))
def test_observations_before_a_position_are_counted_without_those_left_out(left_out, step, i):
    document = Regression()
    for n in range(8):
        document = document.observe(n / 8, 0.0)
    document = replace(document, step=step, left_out=tuple(sorted(left_out)))
    assert document.count_before(i) == sum(n not in left_out for n in range(min(i, step)))


def test_few_observations_are_compared_under_student_t_noise():
    assert most_observations(LinearModel(Polynomial(1), noise=StudentTNoise())) < most_observations(LinearModel())


def test_the_true_function_is_shown_if_it_is_known_and_wanted():
    document, x = Regression(), np.array([-1.0, 0.0, 2.0])
    display = document[Display]
    shown = document.with_setting(replace(display, show_truth=True))
    assert shown_truth(shown, x) == pytest.approx([-0.8, -0.3, 0.7])
    assert shown_truth(shown.with_setting(replace(display, show_truth=False)), x) is None


@FEW
@given(arrays(np.uint8, (2, 4, 5), elements=st.integers(0, 4)))
def test_the_edges_of_images_are_the_gradients_at_all_pixels_but_the_last_row_and_column(steps):
    """Values are quarters, which single precision holds exactly."""
    images, edge, ink = steps / 4, 0.0, Fraction(0)
    for image in images:
        for row, column in np.ndindex(4, 5):
            ink += Fraction(image[row, column])
            if row < 3 and column < 4:
                here = image[row, column]
                edge += float(np.hypot(image[row, column + 1] - here, image[row + 1, column] - here))
    found = edge_per_ink(images)
    assert found == pytest.approx(edge / float(ink), rel=1e-6) if ink else np.isnan(found)


def test_the_plane_of_a_model_has_the_highest_second_latent_on_top(tmp_path):
    small = tiny(Bernoulli(), shape=(28, 28))
    save_model(tmp_path / "small.safetensors", small.networks, small.card)
    vae, (height, width) = load_model(str(tmp_path / "small.safetensors")), small.image_shape
    found = _plane(str(tmp_path / "small.safetensors"))
    quantiles = [float(np.sqrt(2) * mp.erfinv(2 * mp.mpf(2 * n + 1) / (2 * SIDE) - 1)) for n in range(SIDE)]
    assert found.shape == (SIDE * height, SIDE * width)
    for row, up in enumerate(reversed(quantiles)):
        for column, across in enumerate(quantiles):
            tile = found[row * height : (row + 1) * height, column * width : (column + 1) * width]
            assert tile == pytest.approx(vae.decode(np.array([[across, up]]))[0] * 254, abs=1.01)
