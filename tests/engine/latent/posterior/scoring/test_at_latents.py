"""Log likelihoods at any latents: the cores share them without changing a value."""

import threading

import numpy as np
import pytest

from engine import threads
from engine.latent.document import Latent
from engine.latent.inputs.input import FromData
from engine.latent.posterior.scoring import at_latents
from engine.latent.unboxing.shared_posterior import seen_of


@pytest.mark.parametrize(("latents", "parts"), [(31, 1), (208, 3), (64, 2)])
def test_the_cores_share_the_latents_and_every_value_is_that_of_the_model(latents, parts, monkeypatch):
    document, used = Latent().with_input(FromData(3)), []
    vae, whole = document.loaded_model.vae, at_latents.log_likelihoods
    z = np.random.default_rng(0).normal(size=(latents, 2))
    image = seen_of(document).pictures[-1]

    def noted(*arguments):
        used.append((threading.current_thread().name, len(arguments[-1])))
        return whole(*arguments)

    monkeypatch.setattr(threads, "_number", 3)
    monkeypatch.setattr(at_latents, "log_likelihoods", noted)
    found = at_latents.log_likelihoods_by_all_cores(vae, seen_of(document).measurements, z)
    np.testing.assert_allclose(found, vae.log_likelihood(image, z), rtol=1e-6)
    assert np.array_equal(found, whole(vae, seen_of(document).measurements, z))
    assert sum(n for _, n in used) == latents
    assert len(used) == parts
    assert all(name.startswith("lattice") for name, _ in used) is (parts > 1)
