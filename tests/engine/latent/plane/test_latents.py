"""Latents: the traversal grid of the shipped model with eight latents, and the plane that it puts on the page."""

import numpy as np
import pytest
from msgspec.structs import replace

from engine.derived import PENDING
from engine.latent.document import Latent, symbol_of
from engine.latent.inputs.input import FromData
from engine.latent.model import as_shown
from engine.latent.plane.latents import (
    STEPS,
    Traversal,
    factor_directions,
    traversal,
    usage_of,
    with_others_at_0,
    with_others_at_image,
)
from engine.latent.slice import Slice
from engine.latent.vae.history import History
from engine.latent.vae.recipe import UNUSED
from engine.latent.vae.training.diagnosis import EARLY, diagnose
from engine.latent.vae.training.elbo import Health

EIGHT = Latent(model="mnist-8", input=FromData(3))
POINT = (0.5, -1.0, 0.25, 0.0, 1.5)


@pytest.fixture(scope="module")
def whole():
    return EIGHT.whole_model


def last(document):
    *_, found = (value for value in traversal(document) if value is not PENDING)
    return found


def test_a_row_decodes_one_latent_at_all_steps_and_the_others_at_the_point(whole):
    document = EIGHT.with_slice(Slice(4, 1, values=POINT))
    found = last(document)
    z = np.zeros((len(STEPS), 8))
    z[:, :5] = POINT
    np.testing.assert_array_equal(found.point, z[0])
    z[:, 2] = STEPS
    np.testing.assert_array_equal(found.ink[2], as_shown(whole.vae.decode(z), whole.vae.light))


def test_the_latents_are_in_the_order_of_their_kl_and_the_shipped_file_numbers_them_so(whole):
    found = last(EIGHT)
    mean, deviation = whole.embedding.mean, whole.embedding.deviation
    kl = [np.mean([(m * m + s * s - 1) / 2 - np.log(s) for m, s in zip(*column, strict=True)])
          for column in zip(mean.T, deviation.T, strict=True)]  # fmt: skip
    np.testing.assert_allclose(found.kl, kl, rtol=1e-9)
    assert np.all(np.diff(found.kl[found.order]) <= 0)
    assert found.order[0] == 0 and found.kl.sum() == pytest.approx(whole.vae.card.test_elbo.kl, abs=0.02)
    assert not found.unused.any()


def test_a_latent_whose_q_is_the_prior_is_unused_and_at_the_end(whole):
    class Fake:
        embedding = replace(
            whole.embedding,
            mean=whole.embedding.mean * (np.arange(8) != 2),
            deviation=np.where(np.arange(8) == 2, 1.0, whole.embedding.deviation),
        )

    usage = usage_of(Fake)
    assert usage.kl[2] < UNUSED and np.argsort(-usage.kl)[-1] == 2


def test_the_panel_and_the_training_have_the_same_limit_for_an_unused_latent():
    kl = np.array([0.049, 1.0, 0.051])
    none = np.empty((0, 3))
    shown = Traversal(np.array([1, 2, 0]), kl, np.zeros(3), none.astype(np.uint8), Slice(), np.eye(2, 3), none)
    named = diagnose(Health(kl, kl, blank=False), History(), EARLY, EARLY)
    assert shown.unused.tolist() == [True, False, False] and named.startswith("Unused latents: z₀. ")


def test_the_plane_goes_through_the_image_or_through_the_origin(whole):
    mean = whole.vae.encode(EIGHT.input.pixels(whole.vae.card.recipe.data, (28, 28))[None] / np.float32(255))[0][0]
    over = with_others_at_image(EIGHT)
    plane = over.loaded_model.plane
    np.testing.assert_allclose(plane.origin, mean * (np.arange(8) > 1), rtol=1e-6)
    image = over.loaded_model.vae.decode(mean[:2])[0]
    np.testing.assert_allclose(image, whole.vae.decode(mean)[0], atol=1e-6)
    assert set(with_others_at_0(over).loaded_model.plane.origin) == {0.0}
    assert symbol_of(over) == "x|others" and over.slice.axes(over.chart.axes) == ("z₀", "z₁")


def test_the_principal_plane_holds_the_largest_variance_of_the_means(whole):
    first, second = usage_of(whole).principal
    over = EIGHT.with_slice(Slice().spanned(first, second)).loaded_model
    variance = np.linalg.svd(whole.embedding.mean - whole.embedding.mean.mean(axis=0), compute_uv=False) ** 2
    np.testing.assert_allclose(over.embedding.mean.var(axis=0), variance[:2] / len(whole.embedding.mean), rtol=1e-6)


def test_another_model_starts_with_the_first_two_latents():
    assert EIGHT.with_slice(Slice(3, 4)).with_model("mnist").slice == Slice()


def test_the_direction_of_a_factor_is_that_from_which_the_means_were_made(whole):
    class Fake:
        embedding = replace(whole.embedding, mean=np.empty((0, 3)), factors=np.empty((0, 2)))

    rng = np.random.default_rng(0)
    factors, slopes = rng.random((40, 2)), np.array([[1.0, 0.0, 2.0], [0.0, -1.0, 0.5]])
    Fake.embedding = replace(whole.embedding, mean=0.3 + factors @ slopes, factors=factors)
    np.testing.assert_allclose(factor_directions(Fake), slopes, atol=1e-12)
