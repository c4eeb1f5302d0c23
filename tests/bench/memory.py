"""The resident memory while every panel of all tabs is opened, one after another, and that of a training process."""

import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from PySide6.QtWidgets import QApplication, QDockWidget

from engine.latent.document import Latent
from engine.latent.one_copy import keep_copies_in
from gui.page.store import Edit
from gui.shell.settings import Settings
from gui.window import Window
from tests.bench.clicking import until

LEAST = 15  # MB; the panels that add less are not listed
PATIENCE = 60  # seconds until the next panel is opened, though some values are not complete
TRAINING = """
import sys
from pathlib import Path
from engine.latent.document import Latent
from engine.latent.one_copy import keep_copies_in
keep_copies_in(Path(sys.argv[1]))
from engine.latent.vae.recipe import Recipe
from engine.latent.vae.training.training import Training
recipe = Recipe()
training = Training(recipe, recipe.data.train(), recipe.data.test())
for _, _ in zip(range(50), training): pass
training.state()
smaps = open("/proc/self/smaps").read().split("VmFlags")
mapped = sum(int(each.split("Rss:")[1].split()[0]) for each in smaps if sys.argv[1] in each)
print(open("/proc/self/status").read().split("VmHWM:")[1].split()[0], mapped)
"""


def resident():
    """The megabytes of this process that are in memory."""
    return int(Path("/proc/self/smaps_rollup").read_text(encoding="ascii").split("Rss:")[1].split()[0]) / 1024


def mapped(folder):
    """The megabytes of files in a folder that are mapped into this process and in memory."""
    regions = Path("/proc/self/smaps").read_text(encoding="utf-8").split("VmFlags")
    return sum(int(each.split("Rss:")[1].split()[0]) for each in regions if str(folder) in each) / 1024


def rows():
    """The rows of the table."""
    yield from panels_of("mnist", 900)
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-c", TRAINING, folder]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=600)
    most, shared = (int(size) / 1024 for size in done.stdout.split())
    yield "memory of a training process, at most", f"{most:.0f} MB", "≤ 450 MB"
    yield "  of which are images that it shares with the window", f"{shared:.0f} MB", ""
    faces = "from tests.bench import memory; print([*memory.panels_of('colour-faces', 1100)][-2][1])"
    done = subprocess.run([sys.executable, "-c", faces], capture_output=True, text=True, check=True, timeout=1800)
    yield "with colour-faces: every panel of all tabs was opened", done.stdout.strip(), "≤ 1,100 MB"


def panels_of(model, most):
    """Open every panel with a model, one after another, in this process: the rows of those that add much, and of all.

    In all, `most` megabytes are wanted.
    """
    app = QApplication.instance() or QApplication([])
    yield "memory: Python, Qt, PyTorch and the bench", f"{resident():.0f} MB", ""
    with tempfile.TemporaryDirectory() as folder:
        keep_copies_in(Path(folder, "images"))
        window = Window(Settings(Path(folder)))
        window.resize(1600, 900)
        window.show()
        until(lambda: window._painted and window.page.idle, PATIENCE)
        before = resident()
        yield "  with the window and the page Regression", f"{before:.0f} MB", ""
        for page in ("regression", "latent", "unboxing"):
            window.show_page(page)
            document = window.page.store.document
            if isinstance(document, Latent) and document.model != model:
                window.page.store.commit(Edit("Model", document.with_model(model)))
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
        yield "  every panel of all tabs was opened", f"{resident():.0f} MB", f"≤ {most} MB"
        yield "  of which files of images that another process can share", f"{mapped(folder):.0f} MB", ""
        window.close()
        window.deleteLater()
        keep_copies_in(None)
