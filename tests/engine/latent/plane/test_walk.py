"""Walks: their waypoints, and frames with equal spacing in z or in the decoded images."""

import numpy as np
import pytest
from scipy.integrate import cumulative_trapezoid

from engine.derived import whole
from engine.latent.charts import EqualProbability
from engine.latent.datasets.mnist import Mnist
from engine.latent.document import SHIPPED, Latent
from engine.latent.inputs.input import FromData
from engine.latent.model import open_model
from engine.latent.plane.walk import (
    MOST,
    Leg,
    Walked,
    WalkSettings,
    decoder,
    frames,
    toggle_clicks,
    walk_through_pins,
    walked,
    waypoint_places,
)
from engine.plane import Viewport
from engine.session import Session, decode, encode

WHEREVER = Viewport(0, 1, 0, 1)
CORNERS = ((-1.2, 0.3), (0.9, 0.8), (0.4, -1.1))


def walk_of(waypoints=CORNERS, **settings):
    document = Latent(settings=(WalkSettings(waypoints=waypoints, **settings),))
    return document, whole(walked(document, WHEREVER))


@pytest.mark.proof
@pytest.mark.parametrize("path", ["straight", "spherical", "shortest"])
def test_the_path_passes_through_all_waypoints_in_order(path):
    _, found = walk_of(path=path, frames=31)
    np.testing.assert_allclose(found.z[[0, -1]], [CORNERS[0], CORNERS[-1]])
    away = np.abs(found.path[:, None] - np.array(CORNERS)).sum(-1).min(0)
    np.testing.assert_allclose(away, 0, atol=1e-12)
    np.testing.assert_array_equal(found.ink, open_model(SHIPPED).decode(found.z))
    assert found.ink.shape == (31, 28, 28)


def test_frames_have_equal_distances_in_z_on_straight_legs():
    _, found = walk_of(waypoints=((-1, 0), (2, 0)), frames=7)
    np.testing.assert_allclose(found.z, np.column_stack([np.linspace(-1, 2, 7), np.zeros(7)]), atol=1e-12)
    assert found.lengths.in_z == pytest.approx(3)


@pytest.mark.parametrize("path", ["straight", "spherical", "shortest"])
def test_spacing_to_the_eye_gives_equal_changes_between_decoded_images(path):
    document, found = walk_of(path=path, spacing="to the eye", frames=12)
    t = np.linspace(0, len(found.path) - 1, 16 * len(found.path))
    dense = np.column_stack([np.interp(t, np.arange(len(found.path)), column) for column in found.path.T])
    pictures = decoder(document.loaded_model.vae)(dense)
    speed = np.linalg.norm(np.gradient(pictures, t, axis=0), axis=1)
    along = cumulative_trapezoid(speed, t, initial=0)
    position = [0]
    for z in found.z[1:]:
        rest = np.sum((dense[position[-1] :] - z) ** 2, axis=1)
        position.append(position[-1] + int(np.argmin(rest)))
    changes = np.diff(along[position])
    assert np.ptp(changes) / np.mean(changes) < 0.03
    assert found.lengths.seen == pytest.approx(along[-1], rel=0.005)


@pytest.mark.slow
def test_the_shortest_path_is_not_longer_than_the_others():
    _, found = walk_of(path="shortest")
    assert found.lengths.seen <= min(found.lengths.straight, found.lengths.spherical)
    assert walk_of(path="straight")[1].lengths.seen == found.lengths.straight
    assert walk_of(path="spherical")[1].lengths.seen == found.lengths.spherical


@pytest.mark.slow
def test_a_straight_path_is_shown_while_the_shortest_is_computed():
    document = Latent(settings=(WalkSettings(waypoints=((1.31, 0.2), (-0.7, 0.77)), path="shortest"),))
    shown = [value for value in walked(document, WHEREVER) if isinstance(value, Walked)]
    assert len(shown) == 3 and shown[0].lengths is None
    for straight in shown[:2]:
        np.testing.assert_allclose(straight.path, np.linspace((1.31, 0.2), (-0.7, 0.77), 129), atol=1e-12)
    np.testing.assert_array_equal(shown[0].ink, shown[1].ink)
    assert shown[2].lengths.seen < shown[1].lengths.seen
    assert sum(1 for _ in walked(document, WHEREVER)) == 1  # the shortest leg is cached


def test_frames_that_are_evenly_spaced_to_the_eye_wait_for_the_lengths():
    document = Latent(settings=(WalkSettings(waypoints=((1.17, 0.3), (-0.6, 0.71)), spacing="to the eye"),))
    (shown,) = (value for value in walked(document, WHEREVER) if isinstance(value, Walked))
    assert shown.lengths is not None


def test_the_chart_changes_positions_and_not_latents():
    _, plain = walk_of()
    document = Latent(chart=EqualProbability(), settings=(WalkSettings(waypoints=CORNERS),))
    found = whole(walked(document, WHEREVER))
    np.testing.assert_array_equal(found.z, plain.z)
    np.testing.assert_allclose(document.chart.to_latent(found.places), plain.z, atol=1e-9)


@pytest.mark.parametrize("waypoints", [(), ((0.5, 0.5),), ((0.5, 0.5), (0.5, 0.5))])
def test_no_waypoint_one_waypoint_and_equal_waypoints(waypoints):
    _, found = walk_of(waypoints=waypoints, spacing="to the eye")
    assert len(found.z) == (24 if len(waypoints) == 2 else 0)
    assert np.all(found.z == 0.5)
    assert found.lengths.seen == pytest.approx(0, abs=1e-4)


def test_the_encoder_mean_of_the_selected_image_is_included():
    mean, _ = open_model(SHIPPED).vae.encode(Mnist().test().pixels[3:4] / np.float32(255))
    found = whole(walked(Latent(input=FromData(3)), WHEREVER))
    assert found.encoded_at == pytest.approx(tuple(mean[0]))


def test_waypoints_are_added_moved_removed_and_replaced_at_the_ends():
    walk = WalkSettings().to((0, 0)).to((1, 1)).to((2, 0))
    assert walk.move(1, (5, 5)).waypoints == ((0, 0), (5, 5), (2, 0))
    assert walk.without(0).waypoints == ((1, 1), (2, 0))
    assert walk.starting((9, 9)).waypoints == ((9, 9), (1, 1), (2, 0))
    assert walk.ending((9, 9)).waypoints == ((0, 0), (1, 1), (9, 9))
    assert WalkSettings().starting((1, 2)).ending((3, 4)).waypoints == ((1, 2), (3, 4))
    with pytest.raises(ValueError, match="at most 32 waypoints"):
        WalkSettings(waypoints=((0.0, 0.0),) * MOST).to((1, 1))


def test_two_or_more_pins_can_become_the_waypoints():
    document = Latent(pins=CORNERS)
    assert walk_through_pins(document)[WalkSettings].waypoints == CORNERS
    with pytest.raises(ValueError, match="needs two pins"):
        walk_through_pins(Latent(pins=CORNERS[:1]))
    with pytest.raises(ValueError, match="at most 32 waypoints"):
        walk_through_pins(Latent(pins=((0.0, 0.0),) * (MOST + 1)))


def test_waypoints_have_positions_in_the_chart():
    document = Latent(chart=EqualProbability(), settings=(WalkSettings(waypoints=CORNERS),))
    np.testing.assert_allclose(document.chart.to_latent(waypoint_places(document)), CORNERS, atol=1e-9)
    assert waypoint_places(Latent()).shape == (0, 2)


def test_clicks_add_waypoints_or_pins():
    clicking = toggle_clicks(Latent())
    assert clicking[WalkSettings].by_click
    assert toggle_clicks(clicking) == Latent()


def test_the_walk_is_saved_with_the_session_and_older_sessions_have_the_default():
    document = Latent(settings=(WalkSettings(waypoints=CORNERS, path="shortest", frames=7),))
    assert decode(encode(Session(document))).document == document
    assert decode(b'{"document": {"type": "Latent"}, "bayescape": 1}').document[WalkSettings] == WalkSettings()


def test_frames_are_spaced_along_all_legs_together():
    legs = [
        Leg(np.array([[0.0, 0.0], [1.0, 0.0]]), np.array([0.0, 1.0]), np.array([0.0, 3.0])),
        Leg(np.array([[1.0, 0.0], [1.0, 3.0]]), np.array([0.0, 3.0]), np.array([0.0, 1.0])),
    ]
    np.testing.assert_allclose(frames(legs, WalkSettings(frames=5)), [[0, 0], [1, 0], [1, 1], [1, 2], [1, 3]])
    to_the_eye = frames(legs, WalkSettings(frames=5, spacing="to the eye"))
    np.testing.assert_allclose(to_the_eye, [[0, 0], [1 / 3, 0], [2 / 3, 0], [1, 0], [1, 3]])
