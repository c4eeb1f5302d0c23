"""The centres of classes: medoids, compared with the definition."""

import numpy as np

from engine.latent.plane.class_centres import MOST, class_centres


def test_a_centre_is_the_place_of_its_class_that_is_nearest_to_all_others():
    rng = np.random.default_rng(0)
    places, labels = rng.standard_normal((90, 2)), rng.integers(0, 3, 90).astype(np.uint8)
    centres = class_centres(places, labels, 4)
    for label in range(3):
        own = places[labels == label]
        sums = [sum(np.linalg.norm(one - other) for other in own) for one in own]
        np.testing.assert_array_equal(centres[label], own[int(np.argmin(sums))])
    assert np.isnan(centres[3]).all()


def test_a_class_around_a_hole_has_its_centre_on_the_ring_and_not_in_the_hole():
    angle = np.linspace(0, 2 * np.pi, 3 * MOST, endpoint=False)
    ring = np.column_stack([np.cos(angle), np.sin(angle)])
    (centre,) = class_centres(ring, np.zeros(len(ring), np.uint8), 1)
    assert np.hypot(*centre) > 0.99
