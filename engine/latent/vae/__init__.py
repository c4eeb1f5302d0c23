"""The variational autoencoder. Importing this package does not import torch; using `load_model` does."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from engine.latent.vae.networks.vae import VAE
    from engine.latent.vae.recipe import Recipe

__all__ = ["check_state", "load_model"]


def load_model(name_or_path: str) -> VAE:
    """The model of a shipped name ("mnist") or of a file. Imports torch, which takes seconds.

    Raises ValueError, in one sentence, if there is no sound model there.
    """
    from engine.latent.vae.networks.checkpoint import load_model as load

    return load(name_or_path)


def check_state(path: Path) -> Recipe:
    """The recipe of the training saved in a file, which is checked in full. Imports torch, which takes seconds.

    Raises ValueError, in one sentence, if the file is not sound.
    """
    from engine.latent.vae.training.check_state import check_state as check

    return check(path)
