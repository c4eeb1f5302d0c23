"""The data set at a path: a folder of images, NumPy arrays, or IDX files."""

from __future__ import annotations

import re
from pathlib import Path

from engine.files import check_name, quoted
from engine.latent.datasets.folder import Folder
from engine.latent.datasets.idx import IdxFiles
from engine.latent.datasets.npz import NpzFile
from engine.latent.datasets.own_files import Files, Turn

NUMPY = (".npz", ".npy")
IDX = (".idx", ".idx.gz", "-ubyte", "-ubyte.gz")
ENDS = NUMPY + IDX
OPENED = "a folder of images, a NumPy file (.npz, .npy), or an IDX file (.idx, .idx.gz, -ubyte, -ubyte.gz)"
SWAPS = (
    (r"images|imgs|(?<![a-z])x(?![a-z])", "labels"),
    (r"images|imgs|(?<![a-z])x(?![a-z])", "y"),
)  # replacements that turn the name of an image file into the name of its label file
IDX_OF_IMAGES = r"(?<=[.-])idx[34](?=-)", "idx1"
TRANSPOSED = "emnist"  # part of the names of files whose images are transposed


def holds_images(path: Path) -> bool:
    """Whether a path is a folder or has an ending of a file of images."""
    return path.is_dir() or path.name.lower().endswith(ENDS)


def files_at(path: Path) -> Files:
    """Return the data set for a folder or a file. Raises ValueError, in one sentence, for any other kind of file."""
    try:
        path = path.resolve()
        is_folder = path.is_dir()
    except (OSError, ValueError, RuntimeError) as error:
        raise ValueError(f"{quoted(path.name)} is not {OPENED}.") from error
    check_name(path)
    turn: Turn = "transposed" if TRANSPOSED in path.name.lower() else "as they are"
    if is_folder:
        return Folder(str(path))
    labels = labels_beside(path)
    second = str(labels) if labels else ""
    if path.name.lower().endswith(NUMPY):
        return NpzFile(str(path), labels=second, turn=turn)
    if path.name.lower().endswith(IDX):
        return IdxFiles(str(path), second, turn=turn)
    raise ValueError(f"Images are not read from {_kind(path)}. Choose {OPENED}.")


def labels_beside(images: Path) -> Path | None:
    """Return the file of labels next to a file of images, or None.

    The names follow MNIST: train-images-idx3-ubyte has its labels in train-labels-idx1-ubyte.
    """
    for pattern, replacement in SWAPS:
        name = re.sub(pattern, replacement, re.sub(*IDX_OF_IMAGES, images.name), flags=re.IGNORECASE)
        labels = images.with_name(name)
        if re.search(pattern, images.name, re.IGNORECASE) and labels.is_file():
            return labels
    return None


def _kind(path: Path) -> str:
    return f"a {path.suffix} file" if path.suffix else f"the file {quoted(path.name)}"
