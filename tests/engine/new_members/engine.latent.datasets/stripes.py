"""Images of horizontal stripes."""

import numpy as np

from engine.latent.datasets.data_set import DATASETS, DataSet, Images
from engine.part import Part


@DATASETS.register
class Stripes(Part, DataSet, frozen=True, tag=True):
    """Stripes: one dark row in each image."""

    licence = "none"
    attribution = "nobody"

    def train(self):
        labels = np.arange(8, dtype=np.uint8)
        pixels = np.repeat(255 * np.eye(8, dtype=np.uint8)[:, :, None], 8, axis=2)
        for array in (pixels, labels):
            array.setflags(write=False)
        return Images(pixels, labels, tuple("01234567"))

    def test(self):
        return self.train()
