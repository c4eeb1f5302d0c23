"""Checkpoints: a model as a safetensors file that says how it was made, and is not believed until it is checked."""

from __future__ import annotations

import hashlib
import struct
from pathlib import Path
from typing import BinaryIO

import msgspec
import torch
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

LARGEST = 2**30  # bytes of a file that is looked at
LARGEST_HEADER = 2**20
KINDS = {"card": "a model of this program", "state": "a training to continue"}


def load_model(name_or_path: str) -> VAE:
    """The model of that name or path. Raises ValueError, in one sentence, if the file is not sound.

    Images elsewhere on the disk that the model of a stranger names are not read until the user agrees.
    """
    path = model_path(name_or_path)
    text, tensors = read_tensors(path, "card")
    card = _card(path, text)
    name = quoted(path.name)
    check_card(name, card)
    try:
        networks = networks_for(card.recipe.architecture, card.recipe.likelihood, card.shape)
    except ValueError as error:
        raise ValueError(f"{name} cannot be opened. {error}") from error
    fill(name, networks, tensors)
    check_networks(name, networks.eval(), card)
    data = card.recipe.data
    if isinstance(data, Files) and not is_own(path) and not data.is_within(path.parent):
        distrust(data)
    return VAE(card, networks)


def save_model(path: Path, networks: Networks, card: Card) -> None:
    """Write the weights, in half precision, with their card and checksum, or nothing at all. Raises OSError."""
    tensors = {name: weight.detach().half().contiguous() for name, weight in networks.state_dict().items()}
    write_tensors(path, "card", msgspec.json.encode(card, enc_hook=encode_hook).decode(), tensors)


def read_tensors(path: Path, kind: str) -> tuple[str, dict[str, Tensor]]:
    """What a file of a kind, "card" or "state", says of itself, and its tensors: whole, but not yet believed.

    Raises ValueError, in one sentence, if the file is missing, damaged or of another kind.
    """
    _check_size(path)
    name = quoted(path.name)
    try:
        with open_regular(path) as opened, safe_open(_address(path, opened), framework="pt") as file:
            metadata = file.metadata() or {}
            tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
    except (OSError, MemoryError) as error:
        raise unreadable(path, why(error)) from error
    except Exception as error:  # whatever safetensors and torch raise for what they do not understand
        raise ValueError(f"{name} is damaged or not a model of this program.") from error
    if set(metadata) != {kind, "sha256"}:
        raise ValueError(f"{name} is not {KINDS[kind]}: it does not say how it was made.")
    if metadata["sha256"] != _digest(metadata[kind], tensors):
        raise ValueError(f"{name} is damaged: its contents do not match its checksum.")
    return metadata[kind], tensors


def write_tensors(path: Path, kind: str, text: str, tensors: dict[str, Tensor]) -> None:
    """Write a file that `read_tensors` reads. The file at `path` stays until all of the new one is on the disk."""
    with written(path) as file:
        file.write(save(tensors, {kind: text, "sha256": _digest(text, tensors)}))


def rounded(networks: Networks) -> Networks:
    """Change the weights to what half precision keeps of them: the model as it will be loaded."""
    with torch.no_grad():
        for weight in networks.state_dict().values():
            weight.copy_(weight.half().float())
    return networks


def _address(path: Path, opened: BinaryIO) -> Path:
    """The path of an open file that safetensors can open: only those that are valid UTF-8."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return Path(f"/proc/self/fd/{opened.fileno()}")
    return path


def _check_size(path: Path) -> None:
    size = regular(path).st_size
    start = read_start(path, 8)
    if not 8 < size <= LARGEST or len(start) < 8:
        raise ValueError(f"{quoted(path.name)} has {size:,} bytes, which no model has.")
    if struct.unpack("<Q", start)[0] > min(LARGEST_HEADER, size - 8):
        raise ValueError(f"{quoted(path.name)} is damaged or not a model: its header is longer than it may be.")


def _digest(card: str, tensors: dict[str, Tensor]) -> str:
    """SHA-256 over the card and every tensor's name, type, shape and bytes."""
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
        raise ValueError(f"{name} describes itself in a way this version does not know: {reason(error)}.") from error
