"""Scores GANs of several seeds beside the VAE `mnist`: `python -m tests.bench.counting.gan_seeds FILES`.

Each FILE is a GAN, written by `python main.py train --beside mnist --out FILE --threads 1 gan.seed=N`. The table is
that of decision 055. `--count` is the number of images on each side.
"""

import argparse
from pathlib import Path

import numpy as np

from engine.latent.datasets.mnist import Mnist
from engine.latent.document import Latent
from engine.latent.image_scores.row import row_of
from engine.latent.image_scores.samples import evenly, latents
from engine.latent.vae.classifier.classifier import load_classifier
from engine.latent.vae.gan.gan import load_gan
from engine.latent.vae.gan.gan_diagnosis import SMALL, prior_draws, singular_values


def kept(vae, gan, features, z):
    """The fraction of latents z at which the classifier sees the same digit in both images."""
    seen = [features(network.decode(z))[1].argmax(1) for network in (vae, gan)]
    return float((seen[0] == seen[1]).mean())


def both_directions(vae, gan):
    """The fraction of the prior where both singular values of G's derivative exceed SMALL times the VAE's median."""
    z = prior_draws()
    typical = np.median(singular_values(vae.decode, z))
    return float((singular_values(gan.decode, z)[:, 1] > SMALL * typical).mean())


def described(row):
    """The scores of a row as a line of the table."""
    values = (row.near.precision, row.near.recall, row.near.coverage, row.frechet, row.edge, row.grey, row.divergence)
    return " | ".join([row.name, *(f"{value:.3f}" for value in values), f"{row.shares.min():.3f}"])


def main():
    """Print the scores of training images, of the VAE's means, and of each GAN."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--count", type=int, default=2000)
    options = parser.parse_args()
    vae, features = Latent().loaded_model.vae, load_classifier().features
    z, real = latents(options.count), features(evenly(Mnist().test().pixels, options.count))[0]
    print("images | precision | recall | coverage | Fréchet | edge | grey | KL of classes | rarest | digit | z used")
    for name, images in (("training", evenly(Mnist().train().pixels, options.count)), ("VAE, mean", vae.decode(z))):
        print(described(row_of(name, images, real, features)), flush=True)
    for file in options.files:
        gan = load_gan(file)
        row = described(row_of(file.stem, gan.decode(z), real, features))
        print(f"{row} | {kept(vae, gan, features, z):.3f} | {both_directions(vae, gan):.3f}", flush=True)


if __name__ == "__main__":
    main()
