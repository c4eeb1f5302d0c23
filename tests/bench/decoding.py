"""A 20×20 grid of digits decoded, against the bare products of the same matrices."""

import time
from statistics import median

import numpy as np

RUNS = 40


def rows():
    """The rows of the table."""
    import torch

    from engine.latent.document import SHIPPED
    from engine.latent.model import LoadedModel
    from engine.latent.plane.classes import SHIPPED_CLASSES
    from engine.latent.vae import load_model
    from engine.latent.vae.networks.vae import CHUNK

    torch.set_num_threads(1)
    vae = load_model(SHIPPED)
    model = LoadedModel(vae)
    grid = np.linspace(-2, 2, 20)
    z = np.stack(np.meshgrid(grid, grid), axis=-1).reshape(-1, 2)
    weights = [p.detach() for n, p in vae.networks.decoder.named_parameters() if p.ndim == 2]
    inputs = [[torch.randn(len(part), w.shape[1]) for w in weights] for part in torch.split(torch.zeros(400, 1), CHUNK)]

    def products():
        with torch.inference_mode():
            for part in inputs:
                for x, w in zip(part, weights, strict=True):
                    torch.nn.functional.linear(x, w)

    ours, bare = [], []
    for _ in range(RUNS):
        for job, taken in ((lambda: model.decode(z), ours), (products, bare)):
            start = time.perf_counter()
            job()
            taken.append(time.perf_counter() - start)
    mine, floor = median(ours), median(bare)
    yield "20×20 digits decoded, one core, p50", f"{1e3 * mine:.1f} ms", "≤ 25 ms"
    yield "  against the bare matrix products", f"{mine / floor:.2f} ({1e3 * floor:.1f} ms)", "≤ 1.3"
    given, each = load_model(SHIPPED_CLASSES), []
    for _ in range(RUNS):
        start = time.perf_counter()
        given.decode_each((0.3, -0.4))
        each.append(time.perf_counter() - start)
    yield "ten digits in one handwriting, one core, p95", f"{1e3 * np.percentile(each, 95):.1f} ms", "≤ 16 ms"
