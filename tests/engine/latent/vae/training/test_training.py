"""A training improves the ELBO, is reproducible to the bit, and reports its progress."""

import math

import numpy as np
import pytest
import torch
from msgspec.structs import replace

from engine.latent.vae import history as progress
from engine.latent.vae.architectures.architecture import ARCHITECTURES
from engine.latent.vae.history import History
from engine.latent.vae.likelihoods import LIKELIHOODS
from engine.latent.vae.recipe import Elbo, Jitter
from engine.latent.vae.training import training as module
from engine.latent.vae.training.augmentation import augmented
from engine.latent.vae.training.data_parallel import DataParallel
from engine.latent.vae.training.elbo import evaluate
from engine.latent.vae.training.training import DivergedError, Training
from tests.engine.latent.vae import bars

SMALL = replace(bars.SMALL, epochs=30, input_dropout=0.0)


@pytest.fixture(scope="module")
def images():
    return bars.Bars().train()


def trained(recipe, images, **how):
    torch.set_num_threads(1)
    training = Training(recipe, images, **how)
    reports = list(training)
    return training, reports


@pytest.mark.slow
def test_training_raises_the_elbo(images):
    training, reports = trained(SMALL, images)
    before = evaluate(Training(SMALL, images).averaged, SMALL.likelihood, images)
    after = evaluate(training.averaged.eval(), SMALL.likelihood, images)
    assert after.total > before.total + 5
    assert reports[-1].step == reports[-1].steps == 30 * 12
    assert [report.epoch for report in reports] == [epoch for epoch in range(30) for _ in range(12)]


@pytest.mark.slow
def test_the_same_seed_gives_the_same_weights_to_the_bit(images):
    one, other = (trained(SMALL, images)[0].averaged.state_dict() for _ in range(2))
    assert all(torch.equal(one[name], other[name]) for name in one)


@pytest.mark.slow
def test_another_seed_gives_other_weights(images):
    one = trained(SMALL, images)[0].averaged.state_dict()
    other = trained(replace(SMALL, seed=1), images)[0]
    assert not torch.equal(one["decoder.out.bias"], other.averaged.state_dict()["decoder.out.bias"])


def test_shaking_by_nothing_changes_nothing():
    pixels = torch.randint(0, 256, (4, 28, 28), generator=torch.Generator().manual_seed(0))
    same = augmented(pixels, Jitter(), torch.Generator().manual_seed(1))
    torch.testing.assert_close(same, pixels.float(), atol=0.02, rtol=0)


def test_shaking_by_a_shift_moves_the_centre_by_at_most_that():
    pixels = torch.zeros(50, 28, 28)
    pixels[:, 10:18, 10:18] = 255.0
    moved = augmented(pixels, Jitter(shift=1.5), torch.Generator().manual_seed(1))
    at = torch.arange(28.0)
    centre = (moved.sum(1) * at).sum(1) / moved.sum((1, 2))
    assert float((centre - 13.5).abs().max()) <= 1.51
    assert float(centre.std()) > 0.5


def test_shaking_fades_with_its_strength():
    pixels = torch.randint(0, 256, (4, 28, 28), generator=torch.Generator().manual_seed(0))
    jitter = Jitter(shift=1.5, turn=10, scale=0.1, shear=0.1, threshold=20)
    away = [
        float((augmented(pixels, jitter, torch.Generator().manual_seed(1), strength) - pixels).abs().mean())
        for strength in (1.0, 0.1, 0.01, 0.0)
    ]
    assert away == sorted(away, reverse=True)
    assert away[-1] < 0.02


@pytest.mark.slow
def test_training_ends_with_the_jitter_faded(images, monkeypatch):
    seen = []
    monkeypatch.setattr("engine.latent.vae.training.training.augmented", lambda x, *rest: seen.append(rest[-1]) or x)
    trained(replace(SMALL, epochs=2, jitter=Jitter(shift=1, fade=0.75)), images)
    np.testing.assert_allclose(seen, 1 - 0.75 * np.arange(24) / 24)


@pytest.mark.slow
def test_the_epoch_s_average_is_that_of_its_batches(images):
    _, reports = trained(replace(SMALL, epochs=3), images)
    for i, report in enumerate(reports):
        epoch = [other.batch for other in reports[i // 12 * 12 : i + 1]]
        assert report.elbo.reconstruction == pytest.approx(np.mean([e.reconstruction for e in epoch]), rel=1e-12)
        assert report.elbo.kl == pytest.approx(np.mean([e.kl for e in epoch]), rel=1e-12)
    assert [report.seen for report in reports] == [50 * (i + 1) for i in range(36)]


@pytest.mark.slow
def test_held_out_images_are_measured_after_each_epoch(images):
    held_out = bars.Bars().test()
    training, reports = trained(replace(SMALL, epochs=3), images, held_out=held_out)
    assert [report.held_out is not None for report in reports] == [report.ends_epoch for report in reports]
    measured = evaluate(training.averaged, SMALL.likelihood, held_out, samples=1)
    assert reports[-1].held_out == measured == training.history.epochs[-1].held_out
    exact = evaluate(training.averaged, SMALL.likelihood, held_out, samples=200, seed=7)
    assert measured.total == pytest.approx(exact.total, abs=0.5)


def test_of_many_held_out_images_some_from_everywhere_are_measured(images, monkeypatch):
    monkeypatch.setattr(module, "HELD_OUT", 10)
    some = Training(SMALL, images, images).held_out
    assert len(some) == 10
    assert np.array_equal(some.pixels[[0, -1]], images.pixels[[0, -1]])


def test_a_long_curve_is_thinned_and_keeps_its_average(monkeypatch):
    monkeypatch.setattr(progress, "LONGEST", 10)
    rng = np.random.default_rng(0)
    numbers = rng.normal(size=(128, 2))
    history = History()
    for i, (fit, kl) in enumerate(numbers):
        where = (i + 1, 128, 0, 1000)
        history.take(progress.Progress(*where, Elbo(fit, kl), Elbo(0, 0), None, 0, 0.0))
    curve = history.curve
    assert len(curve) < 10
    np.testing.assert_array_equal(np.diff(curve[:, 0], prepend=0), history.stride)
    np.testing.assert_allclose(curve[:, 1:], numbers.reshape(-1, history.stride, 2).mean(axis=1))


@pytest.mark.slow
def test_a_pause_is_no_time_of_training(images, monkeypatch):
    now = iter(range(10_000))
    monkeypatch.setattr(module.time, "perf_counter", lambda: float(next(now)))
    reports = []
    for report in Training(replace(SMALL, epochs=2), images):
        reports.append(report.seconds)
        module.time.perf_counter()  # the clock is read during the pause
    assert reports == list(range(1, 25))


def test_stopping_is_after_the_batch_and_iterating_is_over(images):
    training = Training(SMALL, images)
    for report in training:
        if report.step == 5:
            training.stop()
    assert training.step == 6
    assert not list(training)


@pytest.mark.slow
def test_a_loss_that_is_not_finite_changes_no_weight(images, monkeypatch):
    training = Training(SMALL, images)
    healthy = training.descend

    def sick(*given):
        fit, kl = healthy(*given)
        return (fit * math.nan, kl) if training.step == 5 else (fit, kl)

    monkeypatch.setattr(training, "descend", sick)
    with pytest.raises(DivergedError, match=r"diverged at step 6: .* lower learning rate\.$"):
        list(training)
    assert training.step == 5
    monkeypatch.undo()
    steps = iter(other := Training(SMALL, images))
    for _ in range(5):
        next(steps)
    for one, same in zip(training.networks.parameters(), other.networks.parameters(), strict=True):
        assert torch.equal(one, same)


@pytest.mark.parametrize(("largest", "expected"), [(1e-3, 1e-3), (1e9, None)])
def test_a_gradient_that_is_too_long_is_shortened_to_the_limit(images, monkeypatch, largest, expected):
    monkeypatch.setattr("engine.latent.vae.training.training.LARGEST_GRADIENT", largest)
    training, lengths = Training(SMALL, images), []
    step = training.optimiser.step

    def measured():
        squares = [float(weight.grad.double().square().sum()) for weight in training.weights if weight.grad is not None]
        lengths.append(math.sqrt(sum(squares)))
        step()

    monkeypatch.setattr(training.optimiser, "step", measured)
    next(iter(training))
    (length,) = lengths
    assert length == pytest.approx(expected, rel=1e-3) if expected else length > 1e-2


def test_a_gradient_that_is_not_finite_changes_no_weight(images, monkeypatch):
    training = Training(SMALL, images)
    before = [weight.clone() for weight in training.networks.parameters()]

    healthy = training.descend

    def sick(*given):
        terms = healthy(*given)
        for weight in training.networks.parameters():
            weight.grad = torch.full_like(weight, math.inf)
        return terms

    monkeypatch.setattr(training, "descend", sick)
    with pytest.raises(DivergedError):
        next(iter(training))
    assert all(torch.equal(a, b) for a, b in zip(before, training.networks.parameters(), strict=True))


@pytest.mark.parametrize("processes", [1, 2, 3, 7])
@pytest.mark.parametrize("n", [1, 6, 50])
def test_the_shares_of_all_processes_are_the_batch(processes, n):
    parts = [list(range(n))[DataParallel(rank, processes).of(n)] for rank in range(processes)]
    assert [i for part in parts for i in part] == list(range(n))
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


class Apart(DataParallel, frozen=True):
    """A division of the batch without communication between the processes."""

    def wrapped(self, module, device):
        return module

    def summed(self, numbers):
        return numbers


def test_the_gradients_of_two_processes_average_to_that_of_one(images):
    recipe = replace(SMALL, batch=49, precision="float32", input_dropout=0.3)
    gradients = []
    for share in (DataParallel(), Apart(0, 2), Apart(1, 2)):
        training = Training(recipe, images, share=share)
        training.optimiser.step = lambda: None
        next(iter(training))
        gradients.append([weight.grad for weight in training.weights])
    for whole, one, other in zip(*gradients, strict=True):
        torch.testing.assert_close((one + other) / 2, whole, rtol=1e-4, atol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("objective", ["VAE", "AE"])
@pytest.mark.parametrize("likelihood", list(LIKELIHOODS), ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("architecture", list(ARCHITECTURES), ids=lambda kind: kind.__name__)
def test_every_weight_has_a_gradient(images, architecture, likelihood, objective):
    """Every parameter has a gradient; otherwise DistributedDataParallel would wait for it."""
    training = Training(
        replace(SMALL, architecture=architecture(), likelihood=likelihood(), objective=objective), images
    )
    next(iter(training))
    assert all(weight.grad is not None for weight in training.networks.parameters() if weight.requires_grad)


def test_building_networks_leaves_the_global_generator_alone(images):
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    Training(SMALL, images)
    assert torch.equal(torch.rand(1), expected)


def test_dropout_leaves_the_mean_of_the_pixels_as_it_is():
    training = Training(replace(SMALL, input_dropout=0.25), SMALL.data.train())
    x = torch.rand(200, 36, generator=torch.Generator().manual_seed(0)) + 0.5
    dropped = training._dropped(x)
    kept = dropped != 0
    torch.testing.assert_close(dropped[kept], x[kept] / 0.75)
    assert float(kept.float().mean()) == pytest.approx(0.75, abs=0.02)
    assert float(dropped.mean()) == pytest.approx(float(x.mean()), rel=0.03)


@pytest.mark.parametrize("step", [1, 5, 90, 5000])
def test_the_average_of_the_weights_begins_as_that_of_tensorflow(step):
    """The decay of the average is min(decay, (1 + n) / (10 + n)) after n steps (tf.train.ExponentialMovingAverage)."""
    training = Training(replace(SMALL, averaging=0.99), SMALL.data.train())
    training.step = step
    with torch.no_grad():
        for weight, average in zip(training.weights, training.averages, strict=True):
            weight.fill_(1.0)
            average.fill_(0.0)
    training._average()
    expected = 1 - min(0.99, (1 + step) / (10 + step))
    for average in training.averages:
        torch.testing.assert_close(average, torch.full_like(average, expected))
