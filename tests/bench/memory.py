"""The resident memory while every panel of all tabs is opened, one after another, and that of a training process."""

import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from PySide6.QtWidgets import QApplication, QDockWidget

from gui.shell.settings import Settings
from gui.window import Window
from tests.bench.clicking import until

LEAST = 15  # MB; the panels that add less are not listed
PATIENCE = 60  # seconds until the next panel is opened, though some values are not complete
TRAINING = """
from engine.latent.vae.recipe import Recipe
from engine.latent.vae.training.training import Training
recipe = Recipe()
training = Training(recipe, recipe.data.train(), recipe.data.test())
for _, _ in zip(range(50), training): pass
training.state()
print(open("/proc/self/status").read().split("VmHWM:")[1].split()[0])
"""


def resident():
    """The megabytes of this process that are in memory."""
    return int(Path("/proc/self/smaps_rollup").read_text(encoding="ascii").split("Rss:")[1].split()[0]) / 1024


def rows():
    """The rows of the table."""
    app = QApplication.instance() or QApplication([])
    yield "memory: Python, Qt, PyTorch and the bench", f"{resident():.0f} MB", ""
    with tempfile.TemporaryDirectory() as folder:
        window = Window(Settings(Path(folder)))
        window.resize(1600, 900)
        window.show()
        until(lambda: window._painted and window.page.idle, PATIENCE)
        before = resident()
        yield "  with the window and the page Regression", f"{before:.0f} MB", ""
        for page in ("regression", "latent", "unboxing"):
            window.show_page(page)
            for dock in (None, *window.page.view.findChildren(QDockWidget)):
                if dock is not None:
                    dock.show()
                    dock.raise_()
                app.processEvents()
                with suppress(TimeoutError):
                    until(lambda: window.page.idle, PATIENCE)
                if (now := resident()) - before >= LEAST:
                    what = f"panel {dock.windowTitle()}" if dock else f"page {page}"
                    yield f"  {what} adds", f"{now - before:.0f} MB", ""
                    before = now
        yield "  every panel of all tabs was opened", f"{resident():.0f} MB", "≤ 900 MB"
        window.close()
        window.deleteLater()
    done = subprocess.run([sys.executable, "-c", TRAINING], capture_output=True, text=True, check=True, timeout=600)
    yield "memory of a training process, at most", f"{int(done.stdout) / 1024:.0f} MB", "≤ 450 MB"
