"""The exact posterior in the window: the first lattice of a model, another image, another stroke of the brush."""

import tempfile
import time
from pathlib import Path

import numpy as np
from PySide6.QtWidgets import QApplication

from engine.latent.document import Latent
from engine.latent.inputs.input import FromData
from engine.latent.observations.brushed import Brushed
from engine.latent.unboxing.elbo_decomposition import elbo_decomposition
from engine.latent.unboxing.latent_space import planes as latent_planes
from engine.latent.unboxing.shared_posterior import lattice_of
from gui.latent.unboxing.elbo_decomposition import ElboDecomposition
from gui.latent.unboxing.latent_space import Likelihood, Posterior, Prior
from gui.page.store import Edit
from gui.shell.settings import Settings
from gui.window import Window
from tests.bench.clicking import until

IMAGES, STROKES = 60, 40


def decoder(networks, latents):
    """Seconds that the matrix products of the decoder alone take, on all cores."""
    import os

    import torch
    from torch import nn

    layers = [layer for layer in networks.decoder.modules() if isinstance(layer, nn.Linear)]
    known = torch.get_num_threads()
    torch.set_num_threads(os.cpu_count() or 1)
    start = time.perf_counter()
    with torch.inference_mode():
        for layer in layers:
            for _ in range(0, latents, 1024):
                layer(torch.zeros(1024, layer.in_features))
    taken = time.perf_counter() - start
    torch.set_num_threads(known)
    return taken


def seconds(app, window, document):
    """From an edit until the three heatmaps of it are painted, and until the bar is."""
    view = window.page.view
    panels = [view.panel(kind) for kind in (Prior, Likelihood, Posterior)]
    start = time.perf_counter()
    view.edited.emit(Edit("measure", document))
    known = window.page.store.document
    until(lambda: shown(view, known, panels), 30)
    app.processEvents()  # the paint
    planes = time.perf_counter() - start
    until(lambda: view.scene.document is known and view.scene.get(elbo_decomposition) is not None, 30)
    until(lambda: not view.panel(ElboDecomposition).has_news(view.scene), 30)
    app.processEvents()
    bar = time.perf_counter() - start
    until(lambda: window.page.idle, 60)
    return planes, bar


def shown(view, document, panels):
    """Whether the three panels show what follows from a document."""
    if view.scene.document is not document or latent_planes not in view.scene:
        return False
    return all(panel.planes is view.scene.get(latent_planes) for panel in panels)


def rows():
    """The rows of the table."""
    app = QApplication.instance() or QApplication([])
    with tempfile.TemporaryDirectory() as folder:
        window = Window(Settings(Path(folder)), "latent")
        window.resize(1600, 900)
        window.show()
        until(lambda: window.page._wanted_values and window.page.idle, 60)
        document, view = Latent(), window.page.view
        model = document.loaded_model
        start = time.perf_counter()
        window.show_page("unboxing")
        until(lambda: view.scene and latent_planes in view.scene and view.scene.get(latent_planes).part == 1.0, 60)
        app.processEvents()
        first, lattice = time.perf_counter() - start, lattice_of(model)
        bare = decoder(model.vae.networks, len(lattice.axis) ** 2)
        yield "first lattice of a model → heatmaps painted", f"{first:.2f} s", "≤ 0.6 s"
        yield "  against the decoder's bare matrix products", f"{first / bare:.2f} ({bare:.2f} s)", ""
        held = lattice.nbytes / 2**20
        yield f"  memory of the decoded latents, of {len(lattice.axis)}², of 28×28", f"{held:.0f} MiB", "≤ 57 MiB"
        seconds(app, window, document.with_input(FromData(99)))
        taken = np.array([seconds(app, window, document.with_input(FromData(i))) for i in range(IMAGES)])
        planes, bar = 1e3 * np.percentile(taken, 95, axis=0)
        yield "another image → three heatmaps painted, p95", f"{planes:.0f} ms", "≤ 16 ms"
        yield "  and the bar ln p(x) = ELBO + gap, p95", f"{bar:.0f} ms", "≤ 40 ms"
        looked, rng = Brushed(), np.random.default_rng(0)
        document, taken = document.with_input(FromData(3)), []
        for place in rng.uniform(0.2, 0.8, (STROKES, 2)):
            looked = looked.begin((*place, 0.5), 0.12)
            taken.append(seconds(app, window, document.with_observation(looked))[0])
        yield (
            "another stroke of the brush → three heatmaps painted, p95",
            f"{1e3 * np.percentile(taken, 95):.0f} ms",
            "≤ 25 ms",
        )
        window.close()
        window.deleteLater()
