"""Image data sets."""

from engine.latent.images.faces import Faces
from engine.latent.images.images import DATASETS, DataSet, Images
from engine.latent.images.mnist import Mnist

__all__ = ["DATASETS", "DataSet", "Faces", "Images", "Mnist"]
