"""The shares of the caches of the latent page: together they are the budget, and each cache holds to its share."""

import pytest

from engine.latent import cache_budget, model
from engine.latent.cache_budget import BUDGET, COMPARISON, KEPT_NODES, LATTICES, OUTPUTS, SHARES, share
from engine.latent.posterior.scoring import lattice
from engine.latent.unboxing import elbo_decomposition, shared_posterior


def test_the_shares_are_the_whole_budget():
    assert sum(SHARES.values()) == pytest.approx(1, abs=1e-12)
    assert BUDGET - len(SHARES) <= sum(share(cache) for cache in SHARES) <= BUDGET
    with pytest.raises(KeyError):
        share("another cache")


def test_each_cache_holds_to_its_share():
    used = {
        "lattices": LATTICES * KEPT_NODES * OUTPUTS,
        "densities": shared_posterior.DENSITIES,
        "comparisons of q": elbo_decomposition.KEPT * COMPARISON,
        "tiles of the plane": model.KEPT,
    }
    assert used.keys() == SHARES.keys()
    for cache, size in used.items():
        assert 0.95 * share(cache) <= size <= share(cache), cache
    assert lattice.OUTPUTS == cache_budget.OUTPUTS
    assert shared_posterior._lattices.most == LATTICES


@pytest.mark.parametrize(("pixels", "side"), [(28 * 28, 301), (48 * 48, 241), (32 * 32 * 3, 209), (28 * 56, 289)])
def test_the_lattices_of_the_shipped_models_fit(pixels, side):
    """Sides are 4n + 1 nodes; two bytes for each output, as long as the whole fits."""
    fits = [n for n in range(5, 302, 4) if n * n * pixels * 2 <= OUTPUTS]
    assert fits[-1] == side
