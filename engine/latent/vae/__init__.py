"""The variational autoencoder: recipes, networks, training and the command line.

Importing this package does not import torch. Calling `load_model` or `check_state` imports torch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from engine.latent.vae.networks.vae import VAE
    from engine.latent.vae.recipe import Recipe

__all__ = ["check_state", "load_model"]


def load_model(name_or_path: str) -> VAE:
    """Load a shipped model by its name, such as "mnist", or a model from a file. Imports torch, which takes seconds.

    Raises ValueError, in one sentence, if there is no valid model.
    """
    from engine.latent.vae.networks.checkpoint import load_model as load

    return load(name_or_path)


def check_state(path: Path) -> Recipe:
    """Check a saved training state completely, and return its recipe. Imports torch, which takes seconds.

    Raises ValueError, in one sentence, if the file is not valid.
    """
    from engine.latent.vae.training.check_state import check_state as check

    return check(path)
