"""The cost of a computation as its work grows, against the formula it should follow; `python -m tests.bench growing`.

The times are processor times of the computing thread, the smallest of several, so that other programs disturb little.
The table's rows compare the exponent of the last part of each curve with the formula's. `docs/growth.svg` is drawn
anew.
"""

import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from msgspec.structs import force_setattr

from engine.derived import Derived, resolve
from engine.latent.observations.full import Full
from engine.latent.posterior.class_votes import kernels
from engine.latent.posterior.scoring.lattice import Lattice
from engine.lecture.documents import stages
from engine.lecture.shipped import files, shipped
from engine.regression import GaussianBumps, LinearModel
from engine.regression.data.observations import Observations
from engine.regression.data_space import HOME, curves
from engine.regression.document import Regression
from engine.regression.model.linear_model import posterior
from engine.regression.predictive import predictive
from engine.regression.weight_space import HOME as WEIGHTS
from engine.regression.weight_space import weight_planes
from tests.engine.latent.linear import LinearModel as Pca

PICTURE = Path(__file__).parents[2] / "docs" / "growth.svg"
ALLOWED = 0.25  # above the exponent of the formula: caches get slower as arrays grow
ENOUGH = 0.1  # seconds of repetition for each value


def cost(work):
    """The processor seconds of `work`, the smallest of some repetitions."""
    best, spent = np.inf, 0.0
    while spent < ENOUGH:
        start = time.thread_time()
        work()
        taken = time.thread_time() - start
        best, spent = min(best, taken), spent + max(taken, 1e-4)
    return best


def points():
    """The posterior of 10 weights from n points, from the beginning."""
    model, rng = LinearModel(basis=GaussianBumps(count=9)), np.random.default_rng(0)
    for n in 10 ** np.arange(1, 8):
        x = rng.uniform(-1, 1, n)
        yield n, cost(lambda x=x: posterior(model, Observations(x, x)))


def weights():
    """The posterior of k weights from 1,000 points, from the beginning."""
    x = np.linspace(-1, 1, 1000)
    for k in (2, 5, 10, 20, 50, 100, 200):
        basis = GaussianBumps()
        force_setattr(basis, "count", k - 1)  # the panel Model allows at most 51 weights
        model = LinearModel(basis=basis)
        yield k, cost(lambda model=model: posterior(model, Observations(x, x)))


def pixels():
    """The log likelihood of an image of s² pixels at 41² latents that are decoded already.

    The outputs of the smallest images fit into the processor's cache; those of the others come from memory.
    """
    for side in (28, 40, 56, 80, 128):
        model = Pca(0, (side, side))
        lattice = Lattice(model.vae, 41)
        list(lattice.decode())
        x = model.image()
        yield side**2, cost(lambda lattice=lattice, x=x: lattice.log_likelihood(Full().measure(x).measurements[0]))


def classes():
    """The density of each of c classes at 101² latents, from 200 images each."""
    rng, axis = np.random.default_rng(0), np.linspace(-6, 6, 101)

    def densities(embedding, c):
        for label in range(c):
            across, up = kernels(axis, embedding, np.flatnonzero(embedding.labels == label))
            up.astype(np.float32) @ across.T.astype(np.float32)

    for c in (2, 5, 10, 20, 40):
        labels = np.repeat(np.arange(c), 200)
        mean = rng.normal(0, 1, (len(labels), 2))
        embedding = SimpleNamespace(mean=mean, deviation=np.full_like(mean, 0.1), labels=labels)
        yield c, cost(lambda embedding=embedding, c=c: densities(embedding, c))


def panels():
    """A scene of the heatmaps, the curves and the bands of n pairs of viewports."""
    document = Regression().observe(0.1, 0.2)
    for n in (1, 2, 4, 8, 16):
        wanted = {Derived(key.compute): view for _ in range(n) for key, view in
                  ((weight_planes, WEIGHTS), (curves, HOME), (predictive, HOME))}  # fmt: skip
        yield n, cost(lambda wanted=wanted: resolve(document, wanted))


def steps():
    """The documents of the first n steps of the shipped lecture."""
    lecture = shipped(max(files(), key=lambda file: file.stat().st_size))
    ids = [step.id for step in lecture.steps]
    for n in (2, 5, 10, 20, len(ids)):

        def work(n=n):
            stages.cache_clear()
            for id_ in ids[:n]:
                stages(lecture, id_)

        yield n, cost(work)


CURVES = {"points": (points, 1), "weights": (weights, 3), "pixels": (pixels, 1), "classes": (classes, 1),
          "panels open": (panels, 1), "lecture steps": (steps, 1)}  # the exponents of the formulas  # fmt: skip


def rows():
    """The rows of the table."""
    found = {name: np.array(list(curve()), float).T for name, (curve, _) in CURVES.items()}
    PICTURE.write_text(drawn(found), encoding="utf-8")
    for name, (n, seconds) in found.items():
        last = slice(-3, None)
        exponent = float(np.polyfit(np.log(n[last]), np.log(seconds[last]), 1)[0])
        ends = f"{1e3 * seconds[0]:.2g} … {1e3 * seconds[-1]:.3g} ms"
        yield f"{name}, {n[0]:.0f} … {n[-1]:.0f}: {ends}", f"n^{exponent:.2f}", f"≤ n^{CURVES[name][1] + ALLOWED:g}"


def drawn(found):
    """An SVG with one small plot for each curve, on logarithmic axes; the dashed line follows the formula."""
    wide, high, parts = 250, 190, []
    for i, (name, (n, seconds)) in enumerate(found.items()):
        left, top = 60 + i % 3 * wide, 30 + i // 3 * high
        x, y = np.log10(n), np.log10(1e3 * seconds)
        formula = y[-1] + CURVES[name][1] * (x - x[-1])
        low, top_value = np.floor(y.min()), np.ceil(y.max() + 1e-9)
        across = left + (x - x[0]) / (x[-1] - x[0]) * (wide - 70)

        def up(values, top=top, low=low, top_value=top_value):
            return top + (high - 60) * (top_value - np.clip(values, low, top_value)) / (top_value - low)

        parts.append(f'<rect x="{left}" y="{top}" width="{wide - 70}" height="{high - 60}" fill="none" stroke="#888"/>')
        parts.append(f'<text x="{left}" y="{top - 8}">{name}</text>')
        parts += [f'<text x="{left - 6}" y="{up(v) + 4:.0f}" text-anchor="end">10{exponent(v)}</text>'
                  for v in (low, top_value)]  # fmt: skip
        parts.append(f'<text x="{left}" y="{top + high - 44}">{n[0]:.0f}</text>')
        parts.append(f'<text x="{left + wide - 70}" y="{top + high - 44}" text-anchor="end">{n[-1]:.0f}</text>')
        for values, style in ((formula, 'stroke="#999" stroke-dasharray="4 3"'), (y, 'stroke="#0072b2"')):
            line = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(across, up(values), strict=True))
            parts.append(f'<polyline points="{line}" fill="none" stroke-width="1.5" {style}/>')
        parts += [f'<circle cx="{a:.1f}" cy="{b:.1f}" r="2.5" fill="#0072b2"/>'
                  for a, b in zip(across, up(y), strict=True)]  # fmt: skip
    size = f'width="{3 * wide + 30}" height="{2 * high + 10}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="11">'
    return "\n".join([head, '<rect width="100%" height="100%" fill="white"/>', *parts, "</svg>", ""])


def exponent(value):
    """An exponent in raised digits, with its unit."""
    return "".join("⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".index(digit)] for digit in f"{value:.0f}") + " ms"
