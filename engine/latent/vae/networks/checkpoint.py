"""Checkpoints: models in safetensors files, with a card and a checksum.

A file is checked against the networks that its recipe describes before its weights are used (docs/decisions/019).
"""

from __future__ import annotations

import hashlib
import struct
from pathlib import Path
from typing import BinaryIO

import msgspec
import torch
from msgspec.structs import replace
from safetensors import safe_open
from safetensors.torch import save
from torch import Tensor

from engine.files import open_regular, quoted, read_start, regular, unreadable, why, written
from engine.json_errors import reason
from engine.latent.datasets.own_files import Files, distrust
from engine.latent.model_source import model_path
from engine.latent.training.runs import is_own
from engine.latent.vae.networks.build import networks_for
from engine.latent.vae.networks.networks import Networks
from engine.latent.vae.networks.soundness import check_card, check_networks, fill
from engine.latent.vae.networks.vae import VAE
from engine.latent.vae.recipe import Card
from engine.part import decode_hook, encode_hook

LARGEST = 2**30  # bytes of a file that is read
LARGEST_HEADER = 2**20
NO_MODEL = "is a GAN. It has no encoder and no p(x|z). Open its VAE, and look at both in the panel GAN."
KINDS = {
    "card": "a model of this program",
    "state": "a training to continue",
    "gan": "a GAN of this program",
    "classifier": "a classifier of this program",
}


def load_model(name_or_path: str) -> VAE:
    """Load the model with a name or from a path; a conditional model is given its first class.

    Raises ValueError, in one sentence, if the file is not valid.

    A model from elsewhere can name images outside its folder. Such images are not read until the user agrees.
    """
    path = model_path(name_or_path)
    text, tensors = read_tensors(path, "card")
    card = _card(path, text)
    if isinstance(card.recipe.data, Files):
        card = replace(card, recipe=replace(card.recipe, data=card.recipe.data.placed(path.parent)))
    name = quoted(path.name)
    check_card(name, card)
    try:
        recipe = card.recipe
        parts = recipe.architecture, recipe.likelihood, card.shape, recipe.latents, len(card.classes)
        networks = networks_for(*parts)
    except ValueError as error:
        raise ValueError(f"{name} cannot be opened. {error}") from error
    fill(name, networks, tensors)
    check_networks(name, networks.eval(), card)
    data = card.recipe.data
    if isinstance(data, Files) and not is_own(path) and not data.is_within(path.parent):
        distrust(data)
    return VAE(card, networks).given(0)


def save_model(path: Path, networks: Networks, card: Card) -> None:
    """Write weights in half precision, card and checksum; the file is complete or not written. Raises OSError."""
    tensors = {name: weight.detach().half().contiguous() for name, weight in networks.state_dict().items()}
    write_tensors(path, "card", msgspec.json.encode(card, enc_hook=encode_hook).decode(), tensors)


def read_tensors(path: Path, kind: str) -> tuple[str, dict[str, Tensor]]:
    """Read the description and the tensors of a file of the given kind, "card" or "state".

    The checksum is verified, but the contents are not validated. Raises ValueError, in one sentence, if the file is
    missing, damaged or of another kind.
    """
    _check_size(path)
    name = quoted(path.name)
    try:
        with open_regular(path) as opened, safe_open(_address(path, opened), framework="pt") as file:
            metadata = file.metadata() or {}
            tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
    except (OSError, MemoryError) as error:
        raise unreadable(path, why(error)) from error
    except Exception as error:  # safetensors and torch raise many kinds of errors for invalid files
        raise ValueError(f"{name} is damaged or not a model of this program.") from error
    if kind == "card" and "gan" in metadata:
        raise ValueError(f"{name} {NO_MODEL}")
    if set(metadata) != {kind, "sha256"}:
        raise ValueError(f"{name} is not {KINDS[kind]}: its description is missing.")
    if metadata["sha256"] != _digest(metadata[kind], tensors):
        raise ValueError(f"{name} is damaged: its contents do not match its checksum.")
    return metadata[kind], tensors


def write_tensors(path: Path, kind: str, text: str, tensors: dict[str, Tensor]) -> None:
    """Write a file for `read_tensors`; an old file at `path` is replaced only when the new file is complete."""
    with written(path) as file:
        file.write(save(tensors, {kind: text, "sha256": _digest(text, tensors)}))


def rounded(networks: Networks) -> Networks:
    """Round the weights, in place, to half precision, and return the networks; they equal the model after loading."""
    with torch.no_grad():
        for weight in networks.state_dict().values():
            weight.copy_(weight.half().float())
    return networks


def _address(path: Path, opened: BinaryIO) -> Path:
    """Return a path of an open file that safetensors accepts, because it accepts only valid UTF-8."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return Path(f"/proc/self/fd/{opened.fileno()}")
    return path


def _check_size(path: Path) -> None:
    size = regular(path).st_size
    start = read_start(path, 8)
    if not 8 < size <= LARGEST or len(start) < 8:
        raise ValueError(f"{quoted(path.name)} has {size:,} bytes, which is not a size of a model.")
    if struct.unpack("<Q", start)[0] > min(LARGEST_HEADER, size - 8):
        raise ValueError(f"{quoted(path.name)} is damaged or not a model: its header is too long.")


def _digest(card: str, tensors: dict[str, Tensor]) -> str:
    """Return the SHA-256 of the description and of each tensor's name, type, shape and bytes."""
    digest = hashlib.sha256(card.encode())
    for name in sorted(tensors):
        tensor = tensors[name].contiguous()
        digest.update(f"\n{name} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
        digest.update(tensor.reshape(-1).view(torch.uint8).numpy().tobytes() if tensor.numel() else b"")
    return digest.hexdigest()


def _card(path: Path, text: str) -> Card:
    try:
        return msgspec.json.decode(text, type=Card, dec_hook=decode_hook)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        name = quoted(path.name)
        raise ValueError(f"{name} has a description that this version cannot read: {reason(error)}.") from error
