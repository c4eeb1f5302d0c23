"""A second file with the labels of images, in the IDX format or in NumPy's formats."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from engine.files import quoted, read_start
from engine.latent.datasets.idx_format import read_labels
from engine.latent.datasets.labels import plain_labels
from engine.latent.datasets.npy import arrays_in

NUMPY = b"PK", b"\x93N"  # the first bytes of an archive and of a single array


def labels_in(path: Path, n: int) -> NDArray[Any]:
    """Read the labels (n,) of n images, as whole numbers or texts.

    Raises ValueError, in one sentence, if the file has no labels or another number of labels.
    """
    numpy = read_start(path, 2) in NUMPY
    return _from_numpy(path, n) if numpy else read_labels(path, n)


def _from_numpy(path: Path, n: int) -> NDArray[Any]:
    with arrays_in(path) as arrays:
        flat = [a for a in arrays if a.can_be_labels or (len(a.shape) == 2 and not a.kind.hasobject)]
        fitting = [array for array in flat if array.shape[0] == n]
        if flat and not fitting:
            raise ValueError(
                f"{quoted(path.name)} contains {flat[0].shape[0]:,} labels for {n:,} images. "
                "Each image needs one label."
            )
        for array in sorted(fitting, key=lambda array: not array.is_called_labels):
            if (values := plain_labels(array.values())) is not None:
                return values
    raise ValueError(
        f"{quoted(path.name)} contains no labels. Labels are whole numbers, texts or one-hot rows, one for each image."
    )
