"""The batches are those of the order of the images, wherever a training begins, prepared or not."""

import numpy as np
import pytest
import torch

from engine.latent.vae.likelihoods import Bernoulli
from engine.latent.vae.networks.likelihood_densities import targets
from engine.latent.vae.training import batches as module
from engine.latent.vae.training.batches import Batches

N, BATCH, PIXELS = 23, 4, 6


@pytest.mark.parametrize("several", [1, 2, 3, 100])
@pytest.mark.parametrize("prepare", [None, lambda images: images.flatten(1) / 255], ids=["as they are", "prepared"])
def test_each_batch_has_the_images_of_its_order(monkeypatch, several, prepare):
    monkeypatch.setattr(module, "MOST", several * 4 * BATCH * PIXELS)
    generator = np.random.default_rng(1)
    pixels = generator.integers(0, 256, (N, 2, 3), np.uint8)
    batches = Batches(pixels, BATCH, prepare)
    for first in (0, 3):  # a training that is continued begins in an epoch
        order = torch.from_numpy(generator.permutation(N))
        for number in range(first, N // BATCH):
            wanted = torch.tensor(pixels[order.numpy()[number * BATCH : (number + 1) * BATCH]])
            assert torch.equal(batches.of(order, number), prepare(wanted) if prepare else wanted)


def test_fewer_images_than_a_batch_are_one_batch():
    pixels = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)
    assert torch.equal(Batches(pixels, BATCH, None).of(torch.tensor([1, 0]), 0), torch.tensor(pixels[::-1].copy()))


def test_large_images_are_prepared_one_batch_at_a_time():
    assert Batches(np.zeros((1, 128, 128, 3), np.uint8), 256, None).several == 1
    assert Batches(np.zeros((1, 28, 28), np.uint8), 256, None).several > 1


@pytest.mark.parametrize("threshold", [0.0, 126.9, 127.0, 127.5, 254.5, 255.0])
def test_whole_numbers_above_the_threshold_are_ink(threshold):
    grey = np.arange(256)
    for pixels in (torch.tensor(grey, dtype=torch.uint8), torch.tensor(grey), torch.tensor(grey).float()):
        found = targets(Bernoulli(threshold), pixels.reshape(4, 8, 8))
        assert np.array_equal(found.numpy().ravel(), (grey > threshold).astype(np.float32))
