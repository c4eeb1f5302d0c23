"""Which data set a path leads to: a folder of pictures, arrays of NumPy, or IDX files."""

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
OPENED = "a folder of pictures, a file of NumPy (.npz, .npy), or an IDX file (.idx, .idx.gz, -ubyte, -ubyte.gz)"
SWAPS = (
    (r"images|imgs|(?<![a-z])x(?![a-z])", "labels"),
    (r"images|imgs|(?<![a-z])x(?![a-z])", "y"),
)  # in the name of the images, for that of the labels
IDX_OF_IMAGES = r"(?<=[.-])idx[34](?=-)", "idx1"
TRANSPOSED = "emnist"  # in the name of a file whose images lie on their side


def holds_images(path: Path) -> bool:
    """Whether it is something of the kind that images come in."""
    return path.is_dir() or path.name.lower().endswith(ENDS)


def files_at(path: Path) -> Files:
    """What is to be read there. Raises ValueError, in one sentence, if that is nothing of its kind."""
    try:
        path = path.resolve()
        is_folder = path.is_dir()
    except (OSError, ValueError, RuntimeError) as error:
        raise ValueError(f"{quoted(path.name)} is not {OPENED}.") from error
    check_name(path)
    lies: Turn = "transposed" if TRANSPOSED in path.name.lower() else "as they are"
    if is_folder:
        return Folder(str(path))
    labels = labels_beside(path)
    second = str(labels) if labels else ""
    if path.name.lower().endswith(NUMPY):
        return NpzFile(str(path), labels=second, turn=lies)
    if path.name.lower().endswith(IDX):
        return IdxFiles(str(path), second, turn=lies)
    raise ValueError(f"Images are not read from {_kind(path)}: choose {OPENED}.")


def labels_beside(images: Path) -> Path | None:
    """The file of the labels, named as MNIST's are: train-images-idx3-ubyte goes with train-labels-idx1-ubyte."""
    for pattern, instead in SWAPS:
        name = re.sub(pattern, instead, re.sub(*IDX_OF_IMAGES, images.name), flags=re.IGNORECASE)
        labels = images.with_name(name)
        if re.search(pattern, images.name, re.IGNORECASE) and labels.is_file():
            return labels
    return None


def _kind(path: Path) -> str:
    return f"a {path.suffix} file" if path.suffix else f"the file {quoted(path.name)}"
