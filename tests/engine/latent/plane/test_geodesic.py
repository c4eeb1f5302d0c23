"""Shortest paths under the decoder's metric, on surfaces with known geodesics and on the shipped model."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import simpson

from engine.derived import PENDING
from engine.latent.document import SHIPPED
from engine.latent.model import open_model
from engine.latent.plane.geodesic import _traced, jacobian, measured, resampled, shortest, spherical, straight
from engine.latent.plane.walk import decoder

coordinates = st.floats(-2, 2).map(lambda x: round(x, 3))
latents = st.tuples(coordinates, coordinates).map(np.array)


def found(decode, start, end):
    """The path, computed in steps at which the job may be cancelled."""
    unfolding = shortest(decode, np.array(start), np.array(end))
    while True:
        try:
            assert next(unfolding) is PENDING
        except StopIteration as last:
            return last.value


def sphere(z):
    """The unit sphere: z is its stereographic projection from the north pole."""
    square = np.sum(z**2, axis=1, keepdims=True)
    return np.concatenate([2 * z, square - 1], axis=1) / (square + 1)


def hill(z):
    """The plane with a hill; the shortest path goes around it."""
    return np.column_stack([z, 4 * np.exp(-2 * np.sum(z**2, axis=1))])


def length(decode, path, n=4001):
    """∫ √(żᵀ G ż) dt along a polyline, by Simpson's rule and independent differences."""
    at = np.linspace(0, len(path) - 1, n)
    index = np.minimum(at.astype(int), len(path) - 2)
    z = path[index] + (at - index)[:, None] * (path[index + 1] - path[index])
    way = path[index + 1] - path[index]
    slope = np.concatenate(
        [(decode(z[i : i + 500] + 1e-3 * way[i : i + 500]) - decode(z[i : i + 500] - 1e-3 * way[i : i + 500])) / 2e-3
         for i in range(0, n, 500)]
    )  # fmt: skip
    return simpson(np.linalg.norm(slope, axis=1), x=at)


@given(latents, latents)
def test_straight_and_spherical_paths_keep_their_ends(start, end):
    for path in (straight(start, end), spherical(start, end)):
        np.testing.assert_array_equal(path[[0, -1]], [start, end])


@given(st.floats(0.1, 3), st.floats(-3, 3), st.floats(-3, 3))
def test_the_spherical_path_between_equal_radii_is_slerp(radius, one, other):
    a, b = (radius * np.array([np.cos(angle), np.sin(angle)]) for angle in (one, other))
    omega = np.arccos(np.clip(a @ b / radius**2, -1, 1))
    if not 1e-3 < omega < np.pi - 1e-3:
        return
    t = np.linspace(0, 1, 129)[:, None]
    slerp = (np.sin((1 - t) * omega) * a + np.sin(t * omega) * b) / np.sin(omega)
    np.testing.assert_allclose(spherical(a, b), slerp, atol=1e-9 * radius)


def test_from_the_origin_the_spherical_path_is_straight():
    np.testing.assert_array_equal(spherical(np.zeros(2), np.ones(2)), straight(np.zeros(2), np.ones(2)))


def test_the_jacobian_of_a_known_map():
    z = np.array([[0.3, -0.8], [1.1, 0.2]])
    square = 1 + np.sum(z**2, axis=1)
    metric = np.einsum("npi,npj->nij", jacobian(sphere, z), jacobian(sphere, z))
    np.testing.assert_allclose(metric, (4 / square**2)[:, None, None] * np.eye(2), atol=1e-4)


@pytest.mark.parametrize("map_of_plane", [np.array([[1.0, 0.3, 2.0], [0.0, 3.0, 1.0]]), 0.01 * np.eye(2)])
def test_a_linear_decoder_has_straight_geodesics_evenly_spaced(map_of_plane):
    start, end = np.array([-1.5, 0.4]), np.array([1.2, 0.9])
    path = found(lambda z: z @ map_of_plane, start, end)
    np.testing.assert_allclose(path, straight(start, end), atol=1e-9)


@pytest.mark.parametrize(
    ("start", "end"), [((-1.5, 0.4), (1.2, 0.9)), ((0.2, 0.1), (0.9, -1.7)), ((-2.0, -0.3), (1.5, 0.4))]
)
def test_geodesics_on_the_sphere_are_great_circles(start, end):
    path = found(sphere, start, end)
    a, b = sphere(np.array([start, end]))
    angle = np.arccos(a @ b)
    assert length(sphere, path) == pytest.approx(angle, rel=1e-3)
    normal = np.cross(a, b) / np.linalg.norm(np.cross(a, b))
    assert np.abs(sphere(path) @ normal).max() < 0.01
    steps = np.diff(measured(sphere(path)))
    assert steps.max() / steps.min() < 1.02


def test_the_path_goes_around_a_hill():
    path = found(hill, (-1.5, 0.05), (1.5, 0.05))
    over = straight(np.array([-1.5, 0.05]), np.array([1.5, 0.05]))
    assert length(hill, path) < 0.7 * length(hill, over)
    assert np.abs(path[:, 1]).max() > 0.5


def test_equal_ends_and_a_constant_decoder():
    np.testing.assert_array_equal(found(sphere, (0.3, 0.3), (0.3, 0.3)), np.full((129, 2), 0.3))
    path = found(lambda z: np.zeros((len(z), 3)), (0, 0), (1, 1))
    np.testing.assert_array_equal(path[[0, -1]], [[0, 0], [1, 1]])
    assert np.isfinite(path).all()


@pytest.mark.proof
@pytest.mark.parametrize("seed", range(3))
def test_on_the_shipped_model_no_other_path_is_shorter(seed):
    decode = decoder(open_model(SHIPPED).vae)
    start, end = np.random.default_rng(seed).standard_normal((2, 2))
    path = found(decode, start, end)
    np.testing.assert_array_equal(path[[0, -1]], [start, end])
    own = length(decode, path)
    for other in (straight(start, end), spherical(start, end)):
        assert own <= length(decode, other) * 1.005
    steps = [length(decode, part, 201) for part in np.array_split(path[:128], 8)]
    assert max(steps) / min(steps) < 1.1


def test_resampling_is_even_along_the_given_distances():
    path = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 3.0]])
    np.testing.assert_allclose(resampled(path, measured(path), 5), [[0, 0], [1, 0], [1, 1], [1, 2], [1, 3]])
    np.testing.assert_allclose(resampled(path, np.array([0.0, 1.0, 2.0]), 5)[:, 1], [0, 0, 0, 1.5, 3])


def test_the_path_over_the_grid_has_the_inner_nodes_without_the_node_of_either_end():
    """Both ends are replaced by the exact places, so their nearest nodes would be a detour."""
    nodes = np.arange(10.0).reshape(5, 2)
    before = np.array([-9999, 0, 1, 2, 3])
    np.testing.assert_array_equal(_traced(nodes, before, 4), nodes[1:4])
    assert _traced(nodes, before, 1) == []
