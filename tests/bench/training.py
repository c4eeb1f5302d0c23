"""Samples trained on in a second: ours against PyTorch's own VAE example as its users run it, and the bare loop."""

import time
from statistics import median

import numpy as np

SECONDS = 4.0  # of each measurement
ROUNDS = 3  # of all of them, in turn, so that a busy neighbour disturbs all alike
BATCH = 128
HIDDEN = 400


def rows():
    """The rows of the table."""
    import torch

    from engine.latent.images import Mnist

    images = Mnist().train()
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    measured = {"example": [], "ours": [], "float32": []}
    for _ in range(ROUNDS):
        measured["example"].append(samples_per_second(example(images), BATCH))
        measured["ours"].append(samples_per_second(ours(images, "bfloat16"), BATCH))
        measured["float32"].append(samples_per_second(ours(images, "float32"), BATCH))
    theirs, mine, exact = (median(numbers) for numbers in measured.values())
    yield "784-400-2 VAE on MNIST, batch 128, one core: PyTorch's example", f"{theirs:,.0f} images/s", ""
    yield "  our training of the same network", f"{mine:,.0f} images/s", ""
    yield "  against the example", f"{mine / theirs:.2f} times", "≥ 3"
    yield "  the same in float32", f"{exact / theirs:.2f} times ({exact:,.0f}/s)", ""
    default = []
    for count in (1, 2):
        torch.set_num_threads(count)
        rate = median(samples_per_second(shipped(images), 256) for _ in range(ROUNDS))
        default.append(rate)
        yield f"the usual recipe, {count} thread{'s' * (count > 1)}", f"{rate:,.0f} images/s", ""
    torch.set_num_threads(1)
    shares = [samples_per_second(shipped(images), 256) / samples_per_second(bare(images), 256) for _ in range(ROUNDS)]
    yield "  against the bare loop on tensors already made, one thread", f"{median(shares):.2f}", "≥ 0.9"
    torch.set_num_threads(threads)


def samples_per_second(steps, batch):
    """How many images a second an iterator of training steps learns from, after a few to warm up."""
    for _ in range(5):
        next(steps)
    start, done = time.perf_counter(), 0
    while time.perf_counter() - start < SECONDS:
        next(steps)
        done += 1
    return done * batch / (time.perf_counter() - start)


def ours(images, precision):
    """Our training of the network of PyTorch's example."""
    from engine.latent.vae.architectures import Mlp
    from engine.latent.vae.recipe import Recipe
    from engine.latent.vae.training import Training

    form = Mlp(widths=(HIDDEN,))
    recipe = Recipe(
        architecture=form,
        batch=BATCH,
        learning_rate=1e-3,
        input_dropout=0.0,
        precision=precision,
        epochs=1000,
    )
    return iter(Training(recipe, images))


def shipped(images):
    """Training by the usual recipe, but for its length."""
    from engine.latent.vae.recipe import Recipe
    from engine.latent.vae.training import Training

    return iter(Training(Recipe(epochs=1000), images))


def bare(images):
    """Forward, backward and a step of the optimiser of the usual recipe, and nothing else."""
    import torch

    from engine.latent.vae.objective import elbo
    from engine.latent.vae.recipe import Recipe
    from engine.latent.vae.training import Training

    training = Training(Recipe(), images)
    x = (torch.tensor(images.pixels[:256]) > 127.5).float().flatten(1)
    noise = torch.randn(256, 2)
    while True:
        with torch.autocast("cpu", torch.bfloat16):
            fit, kl = elbo(training.networks, x, x, noise)
        training.optimiser.zero_grad()
        (kl - fit).mean().backward()
        training.optimiser.step()
        yield


def example(images):
    """The steps of PyTorch's VAE example, with 2 latents: pictures are made tensors one by one, as torchvision does."""
    import torch
    import torch.nn.functional as F
    from PIL import Image
    from torch import nn
    from torch.utils.data import DataLoader, Dataset

    class Digits(Dataset):
        """MNIST as torchvision hands it out: a picture of PIL, then a float tensor (1, 28, 28), and the label."""

        def __init__(self):
            self.data, self.labels = torch.tensor(images.pixels), torch.tensor(images.labels)

        def __len__(self):
            return len(self.data)

        def __getitem__(self, i):
            picture = Image.fromarray(self.data[i].numpy())
            pixels = torch.from_numpy(np.array(picture, np.uint8, copy=True))
            pixels = pixels.view(picture.size[1], picture.size[0], 1).permute(2, 0, 1).contiguous()
            return pixels.to(torch.get_default_dtype()).div(255), int(self.labels[i])

    into, mean, log_variance = nn.Linear(784, HIDDEN), nn.Linear(HIDDEN, 2), nn.Linear(HIDDEN, 2)
    back, out = nn.Linear(2, HIDDEN), nn.Linear(HIDDEN, 784)
    layers = nn.ModuleList([into, mean, log_variance, back, out])
    optimiser = torch.optim.Adam(layers.parameters(), lr=1e-3)
    total = 0.0
    while True:
        for pixels, _ in DataLoader(Digits(), BATCH, shuffle=True):
            optimiser.zero_grad()
            x = pixels.view(-1, 784)
            h = F.relu(into(x))
            mu, log_var = mean(h), log_variance(h)
            z = mu + torch.randn_like(mu) * torch.exp(0.5 * log_var)
            drawn = torch.sigmoid(out(F.relu(back(z))))
            fit = F.binary_cross_entropy(drawn, x, reduction="sum")
            loss = fit - 0.5 * torch.sum(1 + log_var - mu.pow(2) - log_var.exp())
            loss.backward()
            total += loss.item()
            optimiser.step()
            yield
