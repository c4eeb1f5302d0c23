"""MNIST: 70,000 handwritten digits, shipped with the program."""

from __future__ import annotations

from functools import cache

from engine.latent.datasets.data_set import DATASETS, DataSet, Images
from engine.latent.datasets.idx_format import read_idx
from engine.latent.one_copy import one_copy
from engine.part import Part
from engine.resources import RESOURCES


@DATASETS.register
class Mnist(Part, DataSet, frozen=True, tag=True):
    """MNIST: handwritten digits of 28×28 pixels, 60,000 training images and 10,000 test images."""

    licence = "CC BY-SA 3.0"
    attribution = "MNIST by Yann LeCun and Corinna Cortes, CC BY-SA 3.0"

    def train(self) -> Images:
        return _part("train")

    def test(self) -> Images:
        return _part("t10k")


@cache
def _part(name: str) -> Images:
    folder = RESOURCES / "datasets" / "mnist"
    pixels = read_idx(folder / f"{name}-images-idx3-ubyte.gz")
    labels = read_idx(folder / f"{name}-labels-idx1-ubyte.gz")
    if pixels.shape != (len(labels), 28, 28) or labels.max(initial=0) > 9:
        raise ValueError(f"The MNIST file “{name}” is damaged. Install the program again.")
    return Images(one_copy(pixels), labels, tuple("0123456789"))
