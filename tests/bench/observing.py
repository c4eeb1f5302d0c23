"""One more observation on top of a million, against one on top of ten; and whether the window still answers."""

import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np
from PySide6.QtWidgets import QApplication

from engine.regression import LinearModel, Observations
from engine.regression.document import Regression
from engine.regression.model.linear_model import posterior
from engine.session import Session
from gui.regression.data_space import DataSpace
from gui.shell.settings import Settings
from gui.window import Window
from tests.bench.clicking import click, until

MANY = 1_000_000


def one_more(n):
    """Seconds for one more observation and the posterior after it, on top of `n`."""
    rng, model, taken = np.random.default_rng(0), LinearModel(), []
    observed = Observations(rng.uniform(-1, 1, n), rng.standard_normal(n)).append(0.0, 0.0)
    known = posterior(model, observed)
    for x, t in zip(rng.uniform(-1, 1, 300), rng.standard_normal(300), strict=True):
        start = time.perf_counter()
        observed = observed.append(x, t)
        known = posterior(model, observed)
        taken.append(time.perf_counter() - start)
    assert known.count == n + 301
    return median(taken)


def window_with(n):
    """Seconds from a click to the new scene, with `n` observations in the window."""
    rng, taken = np.random.default_rng(0), []
    observed = Observations(rng.uniform(-1, 1, n), 0.2 * rng.standard_normal(n))
    with tempfile.TemporaryDirectory() as folder:
        window = Window(Settings(Path(folder)))
        window.resize(1600, 900)
        window.show()
        until(lambda: window._painted and window.page.view.scene is not None and window.page.idle)
        window.open_session(Session(Regression(observations=observed, step=n)))
        until(lambda: window.page.idle, 60)
        data = window.page.view.findChild(DataSpace).plot
        for i, x in enumerate(rng.uniform(-1, 1, 12)):
            start = time.perf_counter()
            click(data, x, 1.2)
            until(lambda seen=n + i + 1: len(window.page.view.scene.document.observations) == seen, 60)
            taken.append(time.perf_counter() - start)
        assert len(window.page.store.document.observations) == n + 12
        window.close()
        window.deleteLater()
    return median(taken)


def rows():
    """The rows of the table."""
    app = QApplication.instance() or QApplication([])
    ten, many = one_more(10), one_more(MANY)
    assert app is not None
    yield "one more observation on top of 10⁶, against on top of 10", f"{many / ten:.2f} ({1e6 * many:.0f} µs)", "≤ 1.5"
    yield "  in the window: click → scene, on top of 10⁶", f"{1e3 * window_with(MANY):.0f} ms", "answers"
