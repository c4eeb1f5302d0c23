"""The class that networks are given: the classes of a training, and the class of each image."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.latent.datasets.data_set import Images
from engine.latent.vae.recipe import Recipe

FEWEST = 2  # classes
NO_CLASSES = "These images have no classes. Choose images with classes, or switch “Given the class” off."


def given_classes(recipe: Recipe, images: Images) -> tuple[str, ...]:
    """Return the classes of which the networks of a recipe are given one; () for a recipe without the class.

    Raises ValueError, in one sentence, if the images have no classes.
    """
    if recipe.given_class and len(images.classes) < FEWEST:
        raise ValueError(NO_CLASSES)
    return images.classes if recipe.given_class else ()


def labels_of(images: Images) -> Tensor:
    """Return the classes (n,) of images, as indices."""
    return torch.from_numpy(images.labels.astype(int))
