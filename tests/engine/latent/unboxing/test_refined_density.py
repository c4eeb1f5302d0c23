"""The outline of the exact posterior holds 95 % of the mass, and the density between nodes agrees with the decoder."""

import numpy as np
import pytest

from engine.latent.observations.full import Full
from engine.latent.posterior.grid_density import GridDensity, WeightedCells
from engine.latent.posterior.scoring.at_latents import log_likelihoods
from engine.latent.posterior.scoring.lattice import Lattice
from engine.latent.posterior.unboxing import grid_posterior, unboxed
from engine.latent.unboxing.refined_density import RefinedDensity, quick_outline
from engine.latent.vae import load_model

PARTS = 3  # latents on each side of a cell at which the test evaluates the model
LEAST = 1e-6  # the share of the mass of a cell in which the test evaluates the model
SHIPPED = {  # the size of the lattice, and test images; an earlier outline of the mnist images held 29 to 84 %
    "mnist": (151, (574, 3515, 3364, 7571, 3135, 1201, 8062)),
    "faces": (81, (77, 1502)),
    "coordinates": (61, (5021,)),
}


def contains(segments, z):
    """A mask (n,) of the latents z (n, 2) inside closed curves of segments (m, 4): an odd number lies to the right."""
    found = np.zeros(len(z), bool)
    for x0, y0, x1, y1 in segments[segments[:, 1] != segments[:, 3]]:
        crossed = (y0 > z[:, 1]) != (y1 > z[:, 1])
        found ^= crossed & (z[:, 0] < x0 + (z[:, 1] - y0) / (y1 - y0) * (x1 - x0))
    return found


@pytest.fixture(scope="module", params=SHIPPED)
def unboxings(request):
    """Unboxings of test images of a shipped model, each with its function ln p(x, z)."""
    size, listed = SHIPPED[request.param]
    vae = load_model(request.param)
    lattice = Lattice(vae, size)
    list(lattice.decode())
    images = vae.card.recipe.data.test().pixels
    found = []
    for i in listed:
        x = images[i] / np.float32(255)
        seen = Full().measure(vae.scored(x))
        q = (part[0] for part in vae.encode(x[None]))

        def log_joint(z, seen=seen):
            return log_likelihoods(vae, seen.measurements, z) - 0.5 * np.sum(z**2, axis=1) - np.log(2 * np.pi)

        found.append((unboxed(vae, seen, grid_posterior(lattice, seen.measurements), *q), log_joint))
    return found


@pytest.mark.slow
def test_the_outline_holds_95_percent_of_the_posterior(unboxings):
    for unboxing, log_joint in unboxings:
        outline = RefinedDensity(unboxing.axis, unboxing.log_posterior, unboxing.mass).outline(0.95)
        held = unboxing.mass.shares > LEAST
        steps = (np.arange(PARTS) - (PARTS - 1) / 2) / PARTS
        places = np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)
        z = (unboxing.mass.z[held, None] + unboxing.mass.side[held, None, None] * places).reshape(-1, 2)
        logs = log_joint(z) + 2 * np.log(np.repeat(unboxing.mass.side[held], len(places)))
        shares = np.exp(logs - logs.max())
        assert shares @ contains(outline, z) / shares.sum() == pytest.approx(0.95, abs=0.01)


@pytest.mark.slow
def test_the_density_between_nodes_is_that_of_the_decoder(unboxings):
    for unboxing, log_joint in unboxings:
        density = RefinedDensity(unboxing.axis, unboxing.log_posterior, unboxing.mass)
        side = unboxing.mass.side
        summit = unboxing.mass.z[np.argmax(unboxing.mass.shares / side**2)]
        x, y = summit[:, None] + side.min() * np.linspace(-4, 4, 25)
        exact = log_joint(np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)).reshape(25, 25) - unboxing.log_evidence
        high = exact > exact.max() - 3
        assert density.at(x, y)[high] == pytest.approx(exact[high], abs=0.25)


def test_separate_modes_have_outlines_of_their_own():
    """Check that two narrow modes between the nodes have one curve each, at a common level."""
    axis = np.linspace(-2, 2, 11)
    step, cells = axis[1] - axis[0], np.arange(-20, 20) / 160 * 0.4 + 0.00125
    centres = np.array([[-1.2, -0.8], [0.8, 0.4]])
    z = np.concatenate([centre + np.stack(np.meshgrid(cells, cells), axis=-1).reshape(-1, 2) for centre in centres])
    share = np.repeat([0.7, 0.3], cells.size**2)
    near = np.repeat(centres, cells.size**2, axis=0)
    shares = share * np.exp(-0.5 * np.sum((z - near) ** 2, axis=1) / 0.008**2)
    mass = WeightedCells(z, np.full(len(z), step / 160), shares / shares.sum())
    outline = RefinedDensity(axis, np.full((11, 11), -50.0), mass).outline(0.95)
    assert mass.shares @ contains(outline, z) == pytest.approx(0.95, abs=0.005)
    assert {tuple(np.rint(2.5 * segment).astype(int)) for segment in outline[:, :2]} == {(-3, -2), (2, 1)}


@pytest.mark.parametrize(("across", "up"), [(0.0, 0.0), (-1.2, 0.7)])
def test_the_quick_outline_of_a_gaussian_is_its_ellipse(across, up):
    """The region of a Gaussian with probability P has the radius √(−2 ln(1 − P)) standard deviations on each side."""
    axis, deviations = np.linspace(-6, 6, 121), np.array([0.8, 0.5])
    z = np.stack(np.meshgrid(axis, axis), axis=-1) - [across, up]
    segments = quick_outline(GridDensity(axis, -0.5 * np.sum((z / deviations) ** 2, axis=-1)), 0.95)
    places = (segments.reshape(-1, 2) - [across, up]) / deviations
    np.testing.assert_allclose(np.hypot(*places.T), np.sqrt(-2 * np.log(0.05)), rtol=0.03)
    ends, times = np.unique(np.round(segments.reshape(-1, 2), 9), axis=0, return_counts=True)
    assert len(ends) > 100
    assert (times % 2 == 0).all()  # closed
