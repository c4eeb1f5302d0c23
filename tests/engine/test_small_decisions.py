"""Small decisions of the engine: what a line chooses, where a small fault would not change the shape of a result."""

from fractions import Fraction
from types import SimpleNamespace

import mpmath as mp
import msgspec
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import session, threads
from engine.latent import probes
from engine.latent.datasets.data_set import Images
from engine.latent.document import Latent
from engine.latent.image import encoded_image
from engine.latent.probes import LatentPlace
from engine.latent.training.reconstructions import reconstructions
from engine.latent.unboxing import elbo_decomposition, elbo_over_epochs
from engine.latent.unboxing.evaluation import _wider
from engine.latent.vae.classifier.__main__ import accuracy
from engine.latent.vae.likelihoods import Bernoulli
from engine.latent.vae.networks.likelihood_densities import log_normaliser
from engine.lecture.documents import stages
from engine.lecture.shipped import files, shipped, steps
from engine.plane import Viewport
from engine.regression import Observations
from engine.regression.display import Frame
from tests.engine.latent.vae import bars
from tests.engine.latent.vae.tiny import tiny

VIEW = Viewport(-3, 3, -3, 3, 30, 30)


@settings(max_examples=20)
@given(st.floats(-60, 60))
def test_the_log_normaliser_of_the_continuous_bernoulli(eta):
    """ln((e^η − 1)/η) by mpmath."""
    with mp.workdps(40):
        eta = mp.mpf(eta)
        exact = mp.log((mp.exp(eta) - 1) / eta) if abs(eta) > 1e-12 else mp.mpf(0)
    assert float(log_normaliser(torch.tensor([float(eta)], dtype=torch.double))) == pytest.approx(
        float(exact), abs=1e-11
    )


def test_a_place_in_the_plane_answers_with_the_image_of_an_open_gan(monkeypatch):
    monkeypatch.setattr(probes, "_answer", lambda *_: SimpleNamespace(z=(0.1, 0.2)))
    monkeypatch.setattr(probes, "_named", lambda _, answer: answer)
    monkeypatch.setattr(probes.msgspec.structs, "replace", lambda _, beside: beside)
    for image in (None, "the image of the GAN"):
        monkeypatch.setattr(probes, "image_beside", lambda _, z, image=image: image if z == (0.1, 0.2) else "another")
        answer = LatentPlace(0.1, 0.2).answer(Latent())
        assert answer == image if image else answer.z == (0.1, 0.2)


def test_the_frame_of_near_observations_is_near():
    frame = Frame.around(Observations([0.0, 1e-6], [5.0, 5.0]))
    assert (frame.left, frame.right) == pytest.approx((-1e-7, 1.1e-6))
    assert (frame.bottom, frame.top) == pytest.approx((4.5, 5.5))


def test_a_wider_lattice_of_a_checkpoint_keeps_its_spacing(monkeypatch):
    made = []

    class Lattice:
        def __init__(self, vae, size, extent):
            made.append((size, extent))

        def decode(self):
            return iter(())

    monkeypatch.setattr("engine.latent.posterior.scoring.lattice.Lattice", Lattice)
    monkeypatch.setattr(elbo_over_epochs, "grid_posterior", lambda *_: SimpleNamespace(touches_edge=len(made) < 3))
    list(elbo_over_epochs._grid_posterior(None, SimpleNamespace(measurements=()), 0))
    assert len(made) == 3
    assert len({2 * extent / (size - 1) for size, extent in made}) == 1
    assert [extent / made[0][1] for _, extent in made] == [1, 2, 4]


def test_images_and_their_reconstructions_are_not_exchanged():
    vae = tiny(Bernoulli(), shape=(6, 6), data=bars.Bars())
    found = reconstructions(SimpleNamespace(whole_model=SimpleNamespace(vae=vae)), VIEW)
    chosen = np.linspace(0, 119, len(found.images)).astype(int)
    light = bars.Bars().test().pixels[chosen] > 127
    assert np.array_equal(found.images > 127, light)
    assert len(np.unique(found.decoded)) > 10  # the images have two values


def test_a_session_that_is_too_large_is_refused_with_the_limit(monkeypatch):
    monkeypatch.setattr(session, "LARGEST", 3 * 2**20)
    with pytest.raises(ValueError, match="larger than 3 MB"):
        session.decode(bytes(3 * 2**20 + 1))


def test_a_step_on_the_tool_bar_is_the_first_stage_of_its_step():
    labelled = [(shipped(file), step) for file in files() for step in shipped(file).steps if step.label]
    assert len(labelled) == len(steps()) > 0
    for (lecture, step), shown in zip(labelled, steps(), strict=True):
        assert (shown.document, shown.title) == (stages(lecture, step.id)[0].document, step.title)


def test_the_elbo_decomposition_says_that_it_decodes_before_the_lattice_is_there(monkeypatch):
    monkeypatch.setattr(elbo_decomposition, "_unavailable", lambda _: "")
    monkeypatch.setattr(elbo_decomposition, "early_unboxings_of", lambda _: iter(()))
    document = SimpleNamespace(loaded_model=None, q=None, with_q=lambda _: None)
    for stride, words in ((0, [elbo_decomposition.ASKING]), (4, [])):
        monkeypatch.setattr(elbo_decomposition, "lattice_of", lambda _, stride=stride: SimpleNamespace(stride=stride))
        assert list(elbo_decomposition.elbo_decomposition(document, VIEW)) == words


def test_a_wider_lattice_of_a_test_image_has_the_evidence_of_a_gaussian():
    """∫ N(z | 0, I) N(y | z, s² I) dz = N(y | 0, (1 + s²) I), and the axis runs from the left to the right."""
    y, variance = np.array([1.0, -2.0]), 0.5

    def score(z):
        return -np.sum((y - z) ** 2, axis=1) / (2 * variance) - np.log(2 * np.pi * variance)

    steps = _wider(score, 9.0)
    try:
        while True:
            next(steps)
    except StopIteration as end:
        grid = end.value
    exact = -float(y @ y) / (2 * (1 + variance)) - np.log(2 * np.pi * (1 + variance))
    assert sum(grid.log_evidence_terms) == pytest.approx(exact, abs=1e-6)
    assert (grid.axis[0], grid.axis[-1]) == (-9, 9)


def test_the_accuracy_of_a_classifier_is_the_share_of_right_labels():
    """A network that takes the row of the bar as the class: it is right for the images as drawn."""
    images = bars.drawn(40, 0)

    class Rows:
        def __call__(self, x):
            return x.reshape(-1, 6, 6).sum(2)

        def out(self, sums):
            return sums

    assert accuracy(Rows(), images) == 1
    others = Images(images.pixels, np.where(np.arange(40) < 10, (images.labels + 1) % 6, images.labels), images.classes)
    assert accuracy(Rows(), others) == 30 / 40


def test_the_error_of_a_mean_log_likelihood_is_that_of_the_draws(monkeypatch):
    """s/√n with s² = Σ (x − x̄)²/(n − 1), in fractions."""
    scores = [Fraction(n * n % 17) for n in range(encoded_image.SAMPLES)]
    rows = iter(np.split(np.array(scores, float), encoded_image.SAMPLES // encoded_image.AT_ONCE))
    image = SimpleNamespace(mean=np.zeros(2), deviation=np.ones(2), pixels=np.zeros((3, 4)))
    monkeypatch.setattr(encoded_image, "encoded_by", lambda *_: image)
    embedding = SimpleNamespace(mean=np.array([[3.0, 4.0], [6.0, 8.0]]), labels=np.array([1, 0]), classes=("a", "b"))
    model = SimpleNamespace(vae=SimpleNamespace(log_likelihood=lambda *_: next(rows)), embedding=embedding)
    steps = encoded_image._measured(model, None)
    try:
        while True:
            next(steps)
    except StopIteration as end:
        found = end.value
    n = len(scores)
    mean = sum(scores) / n
    variance = sum((score - mean) ** 2 for score in scores) / (n - 1)
    values = msgspec.structs.astuple(found)
    assert values[0] == pytest.approx(float(mean))
    assert values[1] == pytest.approx(float(variance / n) ** 0.5, rel=1e-12)
    assert values[-2:] == ("b", 5.0)


def test_at_least_one_thread_is_used():
    before = threads.number()
    try:
        for number, used in ((0, 1), (1, 1), (3, 3)):
            threads.use(number)
            assert threads.number() == used
    finally:
        threads.use(before)
