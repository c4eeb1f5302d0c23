"""Images trained on in a second: ours against PyTorch's own VAE example as its users run it, and the bare loop."""

import os
import subprocess
import sys
import time

import numpy as np

SECONDS = 3.0  # of each measurement
ROUNDS = 3  # of all of them, in turn; the fastest of each counts, because what disturbs only slows
TURNS, STEPS = 40, {"ours": 60, "usual": 15}  # of two loops in one process, and the steps of one turn
BATCH, HIDDEN = 128, 400  # of PyTorch's example
ALL = os.cpu_count() or 1
MEASUREMENTS = {  # threads, steps, and whether the process is prepared as one that trains
    "example": (1, "example", False),
    "ours": (1, "ours", True),
    "ours, float32": (1, "ours_exactly", True),
    "example, all threads": (ALL, "example", False),
    "ours, all threads": (ALL, "ours", True),
    "usual": (1, "usual", True),
    "plain": (1, "plain", True),
    "usual, all threads": (ALL, "usual", True),
}


def rows():
    """The rows of the table."""
    found = {name: [] for name in MEASUREMENTS}
    for _ in range(ROUNDS):
        for name, speeds in found.items():
            speeds.append(alone(name))
    speed = {name: max(speeds) for name, speeds in found.items()}
    says = {name: f"{number:,.0f} images/s" for name, number in speed.items()}
    yield "PyTorch's VAE example, 2 latents, batch 128, one thread", says["example"], ""
    yield "  our training of the same network", says["ours"], ""
    yield "  against the example", times(speed["ours"], speed["example"]), "≥ 4"
    yield "  against its forward, backward and optimiser alone, in turn", f"{in_turn('ours'):.2f}", "≥ 0.97"
    yield "  in float32 instead of bfloat16", times(speed["ours, float32"], speed["example"]), ""
    yield f"PyTorch's VAE example on {ALL} threads", says["example, all threads"], ""
    yield "  our training of the same network", says["ours, all threads"], ""
    yield "  against the example", times(speed["ours, all threads"], speed["example, all threads"]), "≥ 3"
    yield "our usual recipe, one thread", says["usual"], ""
    yield "  against a plain loop of PyTorch that does the same", f"{speed['usual'] / speed['plain']:.2f}", ""
    yield "  against its forward, backward and optimiser alone, in turn", f"{in_turn('usual'):.2f}", ""
    yield f"  on {ALL} threads", says["usual, all threads"], ""


def times(one, other):
    """How often the other fits."""
    return f"{one / other:.2f} times"


def alone(name):
    """Images a second of one of the MEASUREMENTS, in a process of its own."""
    return printed(f"measured({name!r})")


def in_turn(name):
    """How fast a training is against its bare loop, with turns in one process: the median over the turns."""
    return printed(f"compared({name!r})")


def printed(call):
    """The number that a function of this module returns in a process of its own."""
    command = [sys.executable, "-c", f"from tests.bench import training; print(training.{call})"]
    usual = {key: value for key, value in os.environ.items() if not key.startswith("OMP_")}
    return float(subprocess.run(command, capture_output=True, text=True, check=True, env=usual).stdout)


def measured(name):
    """How many images a second one of the MEASUREMENTS learns from, after a few steps to warm up."""
    from engine.latent.datasets.mnist import Mnist

    threads, kind, trains = MEASUREMENTS[name]
    prepare(threads, trains)
    steps = globals()[kind](Mnist().train())
    for _ in range(10):
        next(steps)
    start, images = time.perf_counter(), 0
    while time.perf_counter() - start < SECONDS:
        images += next(steps)
    return images / (time.perf_counter() - start)


def compared(name):
    """The processor time of the bare loop of a training, divided by that of the training: the median over the turns."""
    from engine.latent.datasets.mnist import Mnist

    prepare(1, True)
    images, recipe = Mnist().train(), {"ours": example_recipe, "usual": usual_recipe}[name]()
    loops, ratios = (trained(recipe, images), bare(recipe, images)), []
    for turn in range(TURNS + 1):  # the first one to warm up
        took = [0.0, 0.0]
        for which in (0, 1) if turn % 2 else (1, 0):
            start = time.process_time()
            for _ in range(STEPS[name]):
                next(loops[which])
            took[which] = time.process_time() - start
        ratios.append(took[1] / took[0])
    return float(np.median(ratios[1:]))


def prepare(threads, trains):
    """So many threads, and memory as in a process that trains, or as usual."""
    import torch

    from engine.latent.vae.training.data_parallel import prepared

    if trains:
        prepared("cpu", threads)
    else:
        torch.set_num_threads(threads)


def example_recipe(precision="bfloat16"):
    """The recipe for the network of PyTorch's example."""
    from engine.latent.vae.architectures.mlp import Mlp
    from engine.latent.vae.recipe import Recipe

    how = {"batch": BATCH, "learning_rate": 1e-3, "input_dropout": 0.0, "precision": precision}
    return Recipe(architecture=Mlp(widths=(HIDDEN,)), epochs=1000, **how)


def usual_recipe():
    """The usual recipe, but for its length."""
    from engine.latent.vae.recipe import Recipe

    return Recipe(epochs=1000)


def ours(images):
    """Our training of the network of PyTorch's example."""
    return trained(example_recipe(), images)


def ours_exactly(images):
    """The same in the example's precision."""
    return trained(example_recipe("float32"), images)


def usual(images):
    """Training by the usual recipe."""
    return trained(usual_recipe(), images)


def trained(recipe, images):
    """How many images each step of a training learns from."""
    from engine.latent.vae.training.training import Training

    for _ in Training(recipe, images):
        yield recipe.batch


def bare(recipe, images):
    """Forward, backward and a step of the optimiser of a recipe, by PyTorch's autograd, and nothing else."""
    import torch

    from engine.latent.vae.networks.likelihood_densities import targets
    from engine.latent.vae.training.elbo import elbo
    from engine.latent.vae.training.training import Training

    training = Training(recipe, images)
    x = targets(recipe.likelihood, torch.tensor(images.pixels[: recipe.batch]))
    noise = torch.randn(recipe.batch, 2)
    while True:
        with torch.autocast("cpu", torch.bfloat16, enabled=recipe.precision == "bfloat16"):
            fit, kl = elbo(training.networks, x, x, noise)
        training.optimiser.zero_grad()
        (kl - fit).mean().backward()
        training.optimiser.step()
        yield recipe.batch


def plain(images):
    """All that the usual recipe asks for, written with PyTorch alone: autograd, AdamW, clipping, averages."""
    import torch
    from torch.nn.utils import clip_grad_norm_

    from engine.latent.vae.networks.build import networks_for
    from engine.latent.vae.networks.likelihood_densities import targets
    from engine.latent.vae.recipe import Recipe
    from engine.latent.vae.training.elbo import elbo
    from engine.latent.vae.training.training import BETAS, LARGEST_GRADIENT

    recipe, pixels = Recipe(), torch.tensor(images.pixels)
    networks = networks_for(recipe.architecture, recipe.likelihood, pixels.shape[1:], recipe.latents, 0)
    averaged = torch.optim.swa_utils.AveragedModel(
        networks, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(recipe.averaging)
    )
    decays = recipe.learning_rate, BETAS, recipe.weight_decay
    optimiser = torch.optim.AdamW(networks.parameters(), decays[0], decays[1], weight_decay=decays[2], fused=True)
    fits, kls = 0.0, 0.0
    while True:
        for chosen in torch.randperm(len(pixels)).split(recipe.batch):
            x = targets(recipe.likelihood, pixels[chosen])
            seen = torch.nn.functional.dropout(x, recipe.input_dropout)
            with torch.autocast("cpu", torch.bfloat16, enabled=recipe.precision == "bfloat16"):
                fit, kl = elbo(networks, x, seen, torch.randn(len(x), recipe.latents))
            optimiser.zero_grad()
            (kl - fit).mean().backward()
            clip_grad_norm_(networks.parameters(), LARGEST_GRADIENT, error_if_nonfinite=True)
            optimiser.step()
            averaged.update_parameters(networks)
            fits, kls = fits + fit.mean().item(), kls + kl.mean().item()
            yield len(x)


def example(images):
    """The steps of PyTorch's VAE example, with 2 latents: pictures are made tensors one by one, as torchvision does."""
    import torch
    import torch.nn.functional as F
    from torch import nn
    from torch.utils.data import DataLoader

    into, mean, log_variance = nn.Linear(784, HIDDEN), nn.Linear(HIDDEN, 2), nn.Linear(HIDDEN, 2)
    back, out = nn.Linear(2, HIDDEN), nn.Linear(HIDDEN, 784)
    layers = nn.ModuleList([into, mean, log_variance, back, out])
    optimiser = torch.optim.Adam(layers.parameters(), lr=1e-3)
    dataset, total = digits(images), 0.0
    while True:
        for pixels, _ in DataLoader(dataset, BATCH, shuffle=True):
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
            yield len(x)


def digits(images):
    """MNIST as torchvision hands it out: a picture of PIL, then a float tensor (1, 28, 28), and the label."""
    import torch
    from PIL import Image

    class Digits(torch.utils.data.Dataset):
        data, labels = torch.tensor(images.pixels), torch.tensor(images.labels)

        def __len__(self):
            return len(self.data)

        def __getitem__(self, i):
            picture = Image.fromarray(self.data[i].numpy())
            pixels = torch.from_numpy(np.array(picture, np.uint8, copy=True))
            pixels = pixels.view(picture.size[1], picture.size[0], 1).permute(2, 0, 1).contiguous()
            return pixels.to(torch.get_default_dtype()).div(255), int(self.labels[i])

    return Digits()
