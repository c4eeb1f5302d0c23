"""A small data set for trainings, and the program with this data set, for tests in child processes."""

import sys

import numpy as np

import main
from engine.latent.datasets.data_set import DATASETS, DataSet, Images
from engine.latent.vae.architectures.residual_mlp import ResidualMlp
from engine.latent.vae.recipe import Recipe
from engine.part import Part


class Bars(Part, DataSet, frozen=True, tag=True):
    """Bars: bright bars at one of six heights, which a 2-D latent can distinguish."""

    licence = "none"
    attribution = "nobody"

    def train(self):
        return drawn(600, 0)

    def test(self):
        return drawn(120, 1)


def drawn(n, seed):
    rng = np.random.default_rng(seed)
    rows = rng.integers(0, 6, n)
    pixels = np.where(rng.uniform(size=(n, 6, 6)) < 0.02, 255, 0).astype(np.uint8)
    pixels[np.arange(n), rows] = 255
    pixels.setflags(write=False)
    return Images(pixels, rows.astype(np.uint8), tuple("012345"))


SMALL = Recipe(
    data=Bars(),
    architecture=ResidualMlp(encoder_width=32, bottleneck=16, decoder_width=32, octaves=1),
    epochs=6,
    batch=50,
    averaging=0.9,
)
SETTINGS = [
    "architecture.encoder_width=32",
    "architecture.bottleneck=16",
    "architecture.decoder_width=32",
    "architecture.octaves=1",
    "batch=50",
    "averaging=0.9",
]


if __name__ == "__main__":
    DATASETS.register(Bars)
    status = main.main(sys.argv[1:])
    loaded = {name.split(".")[0] for name in sys.modules}
    print(*sorted(loaded & {"PySide6", "pyqtgraph", "torch"}), file=sys.stderr)
    sys.exit(status)
