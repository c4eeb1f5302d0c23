"""Image data sets."""

from engine.latent.images.faces import Faces
from engine.latent.images.folder import Folder
from engine.latent.images.idx import IdxFiles
from engine.latent.images.images import DATASETS, DataSet, Images
from engine.latent.images.mnist import Mnist
from engine.latent.images.npz import NpzFile

__all__ = ["DATASETS", "DataSet", "Faces", "Folder", "IdxFiles", "Images", "Mnist", "NpzFile"]
