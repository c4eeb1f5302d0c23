"""Bayes' rule for classes: p(y|x) against the closed form of a linear Gaussian model of each class."""

import numpy as np
import pytest
import torch
from msgspec.structs import replace
from scipy.special import logsumexp
from scipy.stats import norm

from engine.derived import PENDING
from engine.latent.datasets.mnist import Mnist
from engine.latent.document import Latent
from engine.latent.inputs.input import FromData
from engine.latent.observations.full import Full
from engine.latent.observations.half import Half
from engine.latent.observations.pixel_noise import GaussianNoise
from engine.latent.plane.classes import NO_CLASSES
from engine.latent.unboxing.bayes_rule_for_classes import (
    EXTENT,
    FAR,
    NOT_KNOWN,
    ClassPrior,
    Evidences,
    class_posterior,
    class_prior,
    evidences,
    lattices_of,
    log_evidence_by_class,
    posterior_of,
    with_most_probable_class,
)
from engine.latent.unboxing.latent_space import NO_IMAGE
from engine.latent.vae.likelihoods import Bernoulli
from engine.latent.vae.networks.checkpoint import rounded, save_model
from engine.latent.vae.networks.conditioned import Conditioned
from engine.latent.vae.networks.vae import VAE
from engine.plane import Viewport
from tests.engine.latent.linear import LinearModel
from tests.engine.latent.vae.tiny import tiny

ONCE = Viewport(0, 1, 0, 1, 1, 1)
CLASSES = ("a", "b", "c")


@pytest.fixture(scope="module")
def tiny_classes(tmp_path_factory):
    path = tmp_path_factory.mktemp("models") / "tiny.safetensors"
    vae = tiny(Bernoulli(), shape=(28, 28), classes=tuple("0123456789"))
    save_model(path, rounded(vae.networks.family), vae.card)
    return Latent(model=str(path))


class Linear(LinearModel):
    """x = W z + b + V_y + noise: the classes shift all pixels."""

    def __init__(self, seed=5, shift=0.3, reach=0.35):
        super().__init__(seed, reach=reach)
        plain, networks = self.vae, Conditioned(self.vae.networks, len(CLASSES)).double()
        networks.likelihood, networks.log_sigma = plain.networks.likelihood, plain.networks.log_sigma
        self.v = np.random.default_rng(seed).normal(0, shift, (len(CLASSES), len(self.b)))
        networks.decoder_classes.data = torch.from_numpy(self.v)
        card = replace(plain.card, recipe=replace(plain.card.recipe, given_class=True), classes=CLASSES)
        self.vae = VAE(card, networks.eval()).given(0)

    def exact(self, rows, values, noise=0.0):
        """ln p(values|y) of each class: a Gaussian (Bishop, PRML, eq. 2.115)."""
        return np.array([self.posterior(rows, values - rows @ v, noise)[2] for v in self.v])


@pytest.mark.parametrize("seed", [5, 6])
def test_the_evidence_of_each_class_is_its_closed_form(seed):
    linear = Linear(seed)
    x = linear.image(seed)
    found = log_evidence_by_class(linear.vae, x)
    exact = linear.exact(np.eye(x.size), x.ravel())
    np.testing.assert_allclose(found, exact, atol=5e-3)
    p = np.exp(exact - exact.max())
    np.testing.assert_allclose(posterior_of(found, np.full(3, 1 / 3)), p / p.sum(), atol=2e-3)
    weights = p * [0.2, 0.5, 0.3]
    np.testing.assert_allclose(posterior_of(found, np.array([0.2, 0.5, 0.3])), weights / weights.sum(), atol=2e-3)


def test_the_first_sums_are_those_over_every_fourth_then_every_second_node():
    linear = Linear()
    x = linear.image(5)
    seen = Full().measure(linear.vae.scored(x))
    found: dict[int, Evidences] = {}
    for each in evidences(lattices_of(linear.vae), seen, 1):
        if each is not PENDING:
            found.setdefault(each.stride, each)
    assert list(found) == [0, 4, 2, 1] and found[4].part < 0.3 and not found[4].refined.any()
    for stride, side in ((4, 17), (2, 33)):
        axis = np.linspace(-EXTENT, EXTENT, side)
        z = np.stack(np.meshgrid(axis, axis), -1).reshape(-1, 2)
        for y, v in enumerate(linear.v):
            means = z @ linear.w.T + linear.b + v
            logs = norm.logpdf(x.ravel(), means, linear.sigma).sum(1) + norm.logpdf(z).sum(1)
            assert found[stride].log_evidence[y] == pytest.approx(logsumexp(logs) + 2 * np.log(axis[1] - axis[0]))


def test_the_classes_are_decoded_where_their_posteriors_may_be_with_the_sums_of_all_nodes():
    """A narrow posterior of each class needs less than half of the nodes; a second image needs few more."""
    linear = Linear(shift=0.1, reach=1.5)
    narrow, whole = lattices_of(linear.vae), lattices_of(linear.vae)
    for lattice in whole:
        list(lattice.decode())
    for seed, most in ((5, 0.45), (6, 0.6)):
        seen = Full().measure(linear.vae.scored(linear.image(seed)))
        found = [[e for e in evidences(each, seen, 1) if e is not PENDING][-1] for each in (narrow, whole)]
        np.testing.assert_allclose(found[0].log_evidence, found[1].log_evidence, atol=1e-6)
        assert found[0].part == 1.0 and np.mean([lattice.part for lattice in narrow]) < most


def test_a_half_and_a_noisy_image_have_their_closed_forms():
    linear = Linear()
    x = linear.image(2)
    rows = np.eye(x.size)[np.indices(x.shape)[0].ravel() < x.shape[0] // 2]
    found = log_evidence_by_class(linear.vae, x, Half("top"))
    np.testing.assert_allclose(found, linear.exact(rows, rows @ x.ravel()), atol=5e-3)
    noisy = GaussianNoise(deviation=0.4)
    (seen,) = noisy.measure(linear.vae.scored(x)).measurements
    found = log_evidence_by_class(linear.vae, x, noisy)
    np.testing.assert_allclose(found, linear.exact(np.eye(x.size), seen.values, 0.4), atol=5e-3)


def test_an_image_far_out_on_the_plane_gets_a_wider_lattice():
    """The posterior of z is about (6, 6), beyond the edge of the first lattice at 5."""
    linear = Linear()
    x = (linear.w @ [6.0, 6.0] + linear.b + linear.v[1]).reshape(linear.vae.image_shape)
    found, exact = log_evidence_by_class(linear.vae, x), linear.exact(np.eye(x.size), x.ravel())
    assert np.abs(linear.posterior(np.eye(x.size), x.ravel() - linear.v[1])[0]).max() > 5
    near = exact > exact.max() - FAR
    np.testing.assert_allclose(found[near], exact[near], atol=0.02)


def test_a_model_without_classes_has_no_such_rule():
    plain = LinearModel()
    with pytest.raises(ValueError, match="not given the class"):
        log_evidence_by_class(plain.vae, plain.image())


def told(document):
    return [value for value in class_posterior(document, ONCE) if value is not PENDING]


def test_the_panel_says_what_is_missing(tiny_classes):
    assert told(Latent())[0].unavailable == NO_CLASSES
    assert told(tiny_classes)[0].unavailable == NO_IMAGE
    with pytest.raises(ValueError) as refusal:
        with_most_probable_class(tiny_classes)
    assert str(refusal.value) == NOT_KNOWN


def test_the_values_become_more_accurate_and_the_prior_is_that_of_the_document(tiny_classes, monkeypatch):
    monkeypatch.setattr("engine.latent.unboxing.bayes_rule_for_classes.SIZE", 33)  # takes less time
    document = tiny_classes.with_input(FromData(3))
    values = told(document)
    last = values[-1]
    assert last.label == Mnist().test().labels[3]
    assert [value.evidences.part for value in values] == sorted(value.evidences.part for value in values)
    refined = [int(value.evidences.refined.sum()) for value in values]
    assert refined == sorted(refined)
    assert (last.evidences.refined | last.evidences.far).all()
    logs = last.evidences.log_evidence
    np.testing.assert_allclose(last.posterior, np.exp(logs - logs.max()) / np.exp(logs - logs.max()).sum())
    assert with_most_probable_class(document).given == int(np.argmax(last.posterior))
    other = document.with_setting(ClassPrior(prior="as in training"))
    shares = np.bincount(Mnist().train().labels, minlength=10) / len(Mnist().train())
    np.testing.assert_allclose(class_prior(other), shares)
    np.testing.assert_allclose(told(other)[-1].posterior, posterior_of(logs, shares), atol=1e-9)


def test_before_the_first_observation_the_posterior_is_the_prior(tiny_classes):
    document = tiny_classes.with_input(FromData(3)).step_to(0)
    np.testing.assert_allclose(told(document)[-1].posterior, np.full(10, 0.1))
