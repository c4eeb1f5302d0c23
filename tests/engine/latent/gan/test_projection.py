"""Projection: the nearest image of a linear generator is that of least squares, and an own image is found again."""

from types import SimpleNamespace

import numpy as np
import pytest

from engine.derived import Scheduler, whole
from engine.latent.document import Latent
from engine.latent.gan import projection as module
from engine.latent.gan.gan import gan_beside, network_of, toggle_projection
from engine.latent.gan.projection import FAR, nearest, projection
from engine.latent.inputs.input import Blank, FromData
from engine.plane import Viewport

VIEW = Viewport(-3, 3, -3, 3, 200, 200)


def done(steps):
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


@pytest.mark.parametrize("seed", range(4))
def test_the_nearest_image_of_a_linear_generator_is_the_least_squares_solution(seed):
    rng = np.random.default_rng(seed)
    slopes, start = rng.standard_normal((20, 2)), rng.standard_normal(20)
    image = start + slopes @ rng.uniform(-2, 2, 2) + 0.3 * rng.standard_normal(20)
    z, distance = done(nearest(lambda z: (start + z @ slopes.T).reshape(-1, 4, 5), image.reshape(4, 5)))
    exact, residual, *_ = np.linalg.lstsq(slopes, image - start)
    assert z == pytest.approx(exact, abs=1e-3)
    assert distance == pytest.approx(np.sqrt(residual[0] / 20), abs=1e-5)


def test_of_two_minima_the_lower_one_is_found_and_the_search_has_an_edge():
    """E = (z₀² − 4)² + z₁² + 0.1 (z₀ + 2)²: the minimum is at z₀ = −2, and a second one is near 2."""

    def decode(z):
        return np.stack([z[:, 0] ** 2 - 4, z[:, 1], 0.1**0.5 * (z[:, 0] + 2)], axis=1)

    z, distance = done(nearest(decode, np.zeros(3)))
    assert z == pytest.approx([-2, 0], abs=1e-3) and distance < 1e-3
    z, _ = done(nearest(lambda z: z, np.array([9.0, 1.0])))
    assert z == pytest.approx([FAR, 1], abs=1e-3)


def test_the_projections_of_the_latest_images_are_kept(monkeypatch):
    searched, images = [], {k: np.full((2, 2), k, np.uint8) for k in range(4)}

    def search(_, image):
        searched.append(round(float(image[0, 0]) * 255))
        yield from ()
        return np.zeros(2), 0.0

    gan = Scheduler()  # any object: nothing of it is used
    monkeypatch.setattr(module, "KEPT", 2)
    monkeypatch.setattr(module, "gan_beside", lambda _: gan)
    monkeypatch.setattr(module, "network_of", lambda _: SimpleNamespace(decode=None))
    monkeypatch.setattr(module, "selected_pixels", lambda document, _: (images[document.input.index], "image"))
    monkeypatch.setattr(module, "nearest", search)
    for k in (0, 1, 1, 2, 2, 0):
        whole(projection(toggle_projection(Latent()).with_input(FromData(k)), VIEW))
    assert searched == [0, 1, 2, 0]


@pytest.mark.slow
def test_an_image_of_the_gan_is_found_again_and_a_test_image_is_not_on_its_sheet():
    document = Latent()
    generator = network_of(gan_beside(document))
    place = np.array([[0.7, -0.4]])
    z, distance = done(nearest(generator.decode, generator.decode(place)[0]))
    assert distance < 1e-3 and np.abs(generator.decode([z]) - generator.decode(place)).max() < 0.02
    assert whole(projection(document, VIEW)) is None  # not wanted
    wanted = toggle_projection(document)
    found = whole(projection(wanted.with_input(FromData(index=3)), VIEW))
    pixels = generator.card.recipe.data.test().pixels[3] / np.float32(255)
    own = np.sqrt(((generator.decode([found.z])[0] - pixels) ** 2).mean())
    assert found.distance == pytest.approx(own, abs=1e-6) and found.distance > 0.05
    lattice = np.random.default_rng(0).uniform(-3, 3, (2000, 2))
    others = ((generator.decode(lattice) - pixels) ** 2).mean(axis=(1, 2))
    assert found.distance**2 < others.min()
    assert whole(projection(wanted.with_input(Blank()), VIEW)).z is None
