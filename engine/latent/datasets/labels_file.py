"""A second file with the labels of images: an IDX file, or one of NumPy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from engine.files import quoted, read_start
from engine.latent.datasets.idx_format import read_labels
from engine.latent.datasets.labels import plain_labels
from engine.latent.datasets.npy import arrays_in

NUMPY = b"PK", b"\x93N"  # how an archive and a single array begin


def labels_in(path: Path, n: int) -> NDArray[Any]:
    """The labels of n images, as whole numbers or texts. Raises ValueError, in one sentence, if there are none."""
    numpy = read_start(path, 2) in NUMPY
    return _from_numpy(path, n) if numpy else read_labels(path, n)


def _from_numpy(path: Path, n: int) -> NDArray[Any]:
    with arrays_in(path) as arrays:
        flat = [a for a in arrays if a.can_be_labels or (len(a.shape) == 2 and not a.kind.hasobject)]
        fitting = [array for array in flat if array.shape[0] == n]
        if flat and not fitting:
            raise ValueError(
                f"{quoted(path.name)} holds {flat[0].shape[0]:,} labels for {n:,} images: there must be one each."
            )
        for array in sorted(fitting, key=lambda array: not array.is_called_labels):
            if (values := plain_labels(array.values())) is not None:
                return values
    raise ValueError(
        f"{quoted(path.name)} holds no labels: they are whole numbers, texts or one-hot rows, one for each image."
    )
