"""p(class | z) against sums over all images by scipy, and against a toy example with a known answer."""

import numpy as np
import pytest
from scipy.stats import norm

from engine.derived import PENDING
from engine.latent.document import Latent
from engine.latent.inputs.input import FromData
from engine.latent.inputs.sketch import Sketch
from engine.latent.model import Embedding, LoadedModel
from engine.latent.observations.half import Half
from engine.latent.posterior.class_votes import Divided, Votes, divided, held_out_number, votes
from engine.latent.posterior.grid_density import WeightedCells
from engine.latent.posterior.modes import Mode
from engine.latent.unboxing.shared_posterior import unboxing_of

AXIS = np.linspace(-6, 6, 61)
STEP = 0.2
CLASSES = ("a", "b", "c")


def embedding(n=60, seed=4):
    """Three classes at three positions, each with narrow and wide q's."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n, dtype=np.uint8) % 3
    centres = np.array([[-1.5, 0.0], [1.5, 0.5], [0.0, -2.0]])
    deviation = np.exp(rng.uniform(-4, -0.5, (n, 2)))
    return Embedding(centres[labels] + rng.normal(0, 0.6, (n, 2)), deviation, labels, CLASSES)


def returned(work):
    while True:
        try:
            assert next(work) is PENDING
        except StopIteration as end:
            return end.value


def votes_of(landed, axis=AXIS):
    model = LoadedModel(None)
    model.embedding = landed
    return returned(votes(model, axis))


def expected(landed, z, kept):
    """The share (classes,) of each class in the sum of the densities at one node."""
    wide = np.maximum(landed.deviation, STEP)
    density = norm.pdf(z, landed.mean, wide).prod(axis=1) * kept
    return np.array([density[landed.labels == label].sum() for label in range(3)]) / density.sum()


@pytest.mark.parametrize("without", [None, 0, 7, 59])
def test_shares_are_those_of_the_aggregate_posterior(without):
    landed = embedding()
    found = votes_of(landed)
    rng = np.random.default_rng(2)
    nodes = AXIS[np.rint((landed.mean + 6) / STEP).astype(int)]
    inside = nodes + rng.uniform(-0.09, 0.09, nodes.shape)  # in the cell of the same node
    kept = np.arange(60) != without
    shares = found.shares(inside, without)
    for share, z in zip(shares[kept], nodes[kept], strict=True):  # at least one image is near
        assert share == pytest.approx(expected(landed, z, kept), abs=2e-5)
    assert shares.sum(axis=1) == pytest.approx(1)


def test_an_isolated_image_does_not_vote_for_itself():
    landed = embedding()
    mean = landed.mean.copy()
    mean[5] = 4.0, 4.0  # of class c, far from all others, of which one of class b is nearest
    landed = Embedding(mean, np.full((60, 2), 0.05), landed.labels, CLASSES)
    found = votes_of(landed)
    assert found.shares(mean[[5]])[0].argmax() == 2
    others = np.arange(60) != 5
    nearest = landed.labels[others][np.argmin(np.hypot(*(mean[others] - mean[5]).T))]
    assert found.shares(mean[[5]], 5)[0] == pytest.approx(np.eye(3)[nearest])


def test_an_empty_cell_has_the_class_of_the_nearest_image():
    landed = embedding()
    found = votes_of(Embedding(landed.mean, np.full((60, 2), 0.05), landed.labels, CLASSES))
    far = np.array([[-5.8, 5.8], [5.8, 5.6], [0.2, -6.0]])
    for share, z in zip(found.shares(far), far, strict=True):
        nearest = landed.labels[np.argmin(np.hypot(*(landed.mean - z).T))]
        assert share == pytest.approx(np.eye(3)[nearest])


def test_narrow_qs_are_counted_in_full():
    """All cells together contain all images, whatever the width of their q's."""
    found = votes_of(embedding())
    assert sum(count.sum() for count in found.counts) == pytest.approx(60, rel=1e-3)


def test_votes_are_counted_once_for_each_model_and_lattice():
    model = LoadedModel(None)
    model.embedding = embedding()
    first = returned(votes(model, AXIS))
    assert returned(votes(model, AXIS)) is first
    other = returned(votes(model, np.linspace(-12, 12, 61)))
    assert other is not first
    assert isinstance(other, Votes)


def mode(share, *classes):
    return Mode(np.zeros(2), share, np.zeros(2), np.eye(2), np.arange(1), np.array(classes))


@pytest.mark.parametrize(
    ("modes", "classes", "words"),
    [
        ((mode(1.0, 0.2, 0.8),), ("4", "9"), "one mode"),
        ((mode(0.612, 0.9, 0.1), mode(0.368, 0.3, 0.7)), ("4", "9"), "2 modes: A 61 % a “4”, B 37 % a “9”"),
        ((mode(0.6, 0.46, 0.44), mode(0.4, 0.6, 0.4)), ("4", "9"), "2 modes: A 60 % a “4” or “9”, B 40 % a “4”"),
        ((mode(0.7, 1.0), mode(0.3, 1.0)), ("image",), "2 modes: A 70 %, B 30 %"),
    ],
)
def test_the_modes_have_a_description(modes, classes, words):
    assert Divided(modes, classes, np.zeros(len(classes)), 10).words == words


@pytest.fixture(scope="module")
def half_seen():
    document = Latent().with_input(FromData(7)).with_observation(Half("top"))
    return document, returned(unboxing_of(document))


def test_class_probabilities_are_sums_over_the_modes_and_the_rest_of_the_mass(half_seen):
    document, unboxing = half_seen
    found = returned(divided(document, unboxing))
    assert found.images == 9999
    assert found.probabilities.sum() == pytest.approx(1)
    shares = np.array([each.share for each in found.modes])
    classes = np.array([each.classes for each in found.modes])
    assert classes.sum(axis=1) == pytest.approx(1)
    left = 1 - shares.sum()
    assert 0 <= left < 0.03
    assert np.abs(found.probabilities - shares @ classes).max() <= left + 1e-9


def test_class_probabilities_agree_with_those_of_samples(half_seen):
    """The reference draws latents and counts the images near each of them."""
    document, unboxing = half_seen
    found, landed = returned(divided(document, unboxing)), document.loaded_model.embedding
    z = unboxing.mass.sample(np.random.default_rng(0), 400)
    step = unboxing.axis[1] - unboxing.axis[0]
    wide = np.maximum(landed.deviation, step)
    density = np.array([norm.pdf(place, landed.mean, wide).prod(axis=1) for place in z])
    density[:, 7] = 0
    each = np.stack([density[:, landed.labels == label].sum(axis=1) for label in range(10)], axis=1)
    each /= each.sum(axis=1, keepdims=True)
    error = each.std(axis=0) / 20
    assert np.all(np.abs(each.mean(axis=0) - found.probabilities) < 5 * error + 0.01)


@pytest.mark.slow
def test_only_a_test_image_is_left_out_of_the_votes(half_seen):
    document, unboxing = half_seen
    assert held_out_number(document) == 7
    assert held_out_number(document.with_input(FromData(7, held_out=False))) is None
    drawn = document.with_input(Sketch())
    assert held_out_number(drawn) is None
    assert returned(divided(drawn, unboxing)).images == 10_000


def test_mass_beyond_all_nodes_has_classes_as_well():
    found = votes_of(embedding())
    mass = WeightedCells(np.array([[9.0, 9.0]]), np.array([0.2]), np.array([1.0]))
    assert found.shares(mass.z).sum() == pytest.approx(1)
