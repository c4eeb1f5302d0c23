"""The training of the classifier of digits: `python -m engine.latent.vae.classifier --out FILE.safetensors`."""

from __future__ import annotations

import argparse
import platform
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.latent.datasets.data_set import Images
from engine.latent.datasets.mnist import Mnist
from engine.latent.vae.classifier.classifier import Card, Network, save_classifier
from engine.latent.vae.recipe import Jitter
from engine.latent.vae.training.augmentation import augmented
from engine.latent.vae.training.optimiser import AdamW

BATCH, RATE = 128, 2e-3
JITTER = Jitter(shift=1.0, turn=8, scale=0.08, shear=0.08)


def train(images: Images, epochs: int, seed: int) -> Network:
    """Return a network that is trained on images, by AdamW with a rate that falls linearly to 0."""
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        network = Network()
    optimiser = AdamW(network.parameters(), RATE, weight_decay=0.01, fused=True)
    random = torch.Generator().manual_seed(seed + 1)
    steps = epochs * (len(images) // BATCH)
    labels = torch.tensor(images.labels).long()
    for step in range(steps):
        if step % (len(images) // BATCH) == 0:
            order = torch.randperm(len(images), generator=random)
        start = step % (len(images) // BATCH) * BATCH
        chosen = order[start : start + BATCH]
        x = augmented(torch.from_numpy(images.pixels[chosen.numpy()]), JITTER, random).flatten(1) / 255
        for group in optimiser.param_groups:
            group["lr"] = RATE * (1 - step / steps)
        network.zero_grad()
        torch.autograd.backward(F.cross_entropy(network.out(network(x)), labels[chosen]))
        optimiser.step()
    return network


def accuracy(network: Network, images: Images) -> float:
    """Return the fraction of images whose most probable class is their label."""
    x = torch.tensor(images.pixels).flatten(1).float() / 255
    with torch.inference_mode():
        found: Tensor = torch.cat([network.out(network(part)).argmax(1) for part in torch.split(x, 1000)])
    return float((found.numpy() == images.labels).mean())


def main() -> None:
    """Train on MNIST, and write the classifier in half precision with its accuracy on the test images."""
    parser = argparse.ArgumentParser(prog="python -m engine.latent.vae.classifier")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.safetensors")
    parser.add_argument("--epochs", type=int, default=4, metavar="N")
    parser.add_argument("--seed", type=int, default=0, metavar="N")
    options = parser.parse_args()
    torch.set_num_threads(1)
    data = Mnist()
    network = train(data.train(), options.epochs, options.seed)
    with torch.no_grad():
        for weight in network.parameters():
            weight.copy_(weight.half().float())
    correct = accuracy(network, data.test())
    made_with = f"torch {torch.__version__}, Python {platform.python_version()}, 1 thread"
    card = Card(options.out.stem, correct, options.epochs, options.seed, data.attribution, made_with)
    save_classifier(options.out, network, card)
    print(f"{options.out}: {correct:.2%} of {len(data.test()):,} test images are classified correctly")


if __name__ == "__main__":
    main()
