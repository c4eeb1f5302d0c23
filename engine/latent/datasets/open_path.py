"""Which data set a path leads to: a folder of pictures, an archive of NumPy arrays, or IDX files."""

from __future__ import annotations

import re
from pathlib import Path

from engine.latent.datasets.folder import Folder
from engine.latent.datasets.idx import IdxFiles
from engine.latent.datasets.npz import NpzFile
from engine.latent.datasets.own_files import Files

NPZ = (".npz",)
IDX = (".idx", ".idx.gz", "-ubyte", "-ubyte.gz")
ENDS = NPZ + IDX
SWAPS = ((r"images", "labels"), (r"(?<=[.-])idx[34](?=-)", "idx1"))  # in the name of the images, for that of the labels


def holds_images(path: Path) -> bool:
    """Whether it is something of the kind that images come in."""
    return path.is_dir() or path.name.lower().endswith(ENDS)


def files_at(path: Path) -> Files:
    """What is to be read there. Raises ValueError, in one sentence, if that is nothing of its kind."""
    path = path.resolve()
    if path.is_dir():
        return Folder(str(path))
    if path.name.lower().endswith(NPZ):
        return NpzFile(str(path))
    if path.name.lower().endswith(IDX):
        labels = labels_beside(path)
        return IdxFiles(str(path), str(labels) if labels else "")
    raise ValueError(f"{path.name} is neither a folder of pictures nor an NPZ file (.npz) nor an IDX file (.idx.gz).")


def labels_beside(images: Path) -> Path | None:
    """The file of the labels, named as MNIST's are: train-images-idx3-ubyte goes with train-labels-idx1-ubyte."""
    name = images.name
    for pattern, instead in SWAPS:
        name = re.sub(pattern, instead, name)
    labels = images.with_name(name)
    return labels if name != images.name and labels.is_file() else None
