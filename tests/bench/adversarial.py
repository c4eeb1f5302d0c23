"""A step of the GAN against a step of the VAE with the same decoder, and the scores of generated images."""

import time

SECONDS = 4.0  # of each training
BLOCK = 4  # steps, of which one has the penalties of D; the fastest block counts
WARM = 8  # steps that do not count
ROUNDS = 10  # of the scores; the fastest counts, because what disturbs only slows


def rows():
    """The rows of the table."""
    from msgspec.structs import replace

    from engine.latent.document import Latent
    from engine.latent.vae.gan.gan_training import GanTraining
    from engine.latent.vae.gan_recipe import GanRecipe
    from engine.latent.vae.training.data_parallel import prepared
    from engine.latent.vae.training.training import Training

    prepared("cpu", 1)
    base, gan = Latent().loaded_model.vae.card.recipe, GanRecipe()
    images = base.data.train()
    vae = replace(base, batch=gan.batch)  # images in each step are as many as for the GAN
    seconds = [step(training) for training in (Training(vae, images), GanTraining(base.beside(gan), images))]
    yield "a step of the shipped model's training, 64 images", f"{1e3 * seconds[0]:.1f} ms", ""
    yield "  a step of D and of G with the same decoder", f"{1e3 * seconds[1]:.1f} ms", ""
    yield "  against the step of the VAE", f"{seconds[1] / seconds[0]:.2f} times", "≤ 3"
    yield "scores of 2,000 against 2,000 images", f"{min(scored() for _ in range(ROUNDS)):.2f} s", "≤ 1 s"


def step(training):
    """The seconds that a step of a training takes."""
    steps = iter(training)
    for _ in range(WARM):
        next(steps)
    end, fastest = time.perf_counter() + SECONDS, float("inf")
    while (start := time.perf_counter()) < end:
        for _ in range(BLOCK):
            next(steps)
        fastest = min(fastest, time.perf_counter() - start)
    return fastest / BLOCK


def scored():
    """The seconds from images to their scores; the features of the test images are known."""
    from engine.latent.datasets.mnist import Mnist
    from engine.latent.gan.scores import SCORED
    from engine.latent.image_scores.row import row_of
    from engine.latent.image_scores.samples import evenly
    from engine.latent.vae.classifier.classifier import load_classifier

    features = load_classifier().features
    real, images = (evenly(part.pixels, SCORED) for part in (Mnist().test(), Mnist().train()))
    known = features(real)[0]
    start = time.perf_counter()
    row_of("", images, known, features)
    return time.perf_counter() - start
