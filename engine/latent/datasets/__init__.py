"""Image data sets."""

from engine.latent.datasets.data_set import DATASETS, DataSet, Images
from engine.latent.datasets.faces import Faces
from engine.latent.datasets.folder import Folder
from engine.latent.datasets.idx import IdxFiles
from engine.latent.datasets.mnist import Mnist
from engine.latent.datasets.npz import NpzFile

__all__ = ["DATASETS", "DataSet", "Faces", "Folder", "IdxFiles", "Images", "Mnist", "NpzFile"]
