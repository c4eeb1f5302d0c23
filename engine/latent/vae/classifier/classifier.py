"""The classifier of digits, whose last hidden layer is the space in which generated images are scored."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec
import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from engine.files import quoted
from engine.gaussian import Array
from engine.latent.vae.networks.checkpoint import read_tensors, write_tensors
from engine.resources import RESOURCES

SIDE, CLASSES, FEATURES = 28, 10, 128
FILTERS = (16, 32)
CHUNK = 250  # images at a time
SHIPPED = RESOURCES / "classifiers" / "mnist.safetensors"


class Card(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The description of a classifier in its file; `accuracy` is the fraction of correct test images."""

    name: str
    accuracy: float
    epochs: int
    seed: int
    attribution: str
    made_with: str


class Network(nn.Module):
    """x (n, 784) from 0 to 1 -> features (n, 128), and logits (n, 10) by `out`: two convolutions, one hidden layer."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(1, FILTERS[0], 5, padding=2)
        self.second = nn.Conv2d(FILTERS[0], FILTERS[1], 5, padding=2)
        self.hidden = nn.Linear(FILTERS[1] * (SIDE // 4) ** 2, FEATURES)
        self.out = nn.Linear(FEATURES, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        h = x.reshape(-1, 1, SIDE, SIDE)
        for layer in (self.first, self.second):
            h = F.relu(F.max_pool2d(layer(h), 2))
        return F.relu(self.hidden(h.flatten(1)))


class Classifier(msgspec.Struct, frozen=True, eq=False):
    """A trained classifier with NumPy arrays as inputs and outputs; one thread at a time may call it."""

    card: Card
    network: Network

    def features(self, images: NDArray[np.floating]) -> tuple[Array, Array]:
        """Return features (n, 128) and class probabilities (n, 10) of images (n, 28, 28) from 0 to 1."""
        x = torch.from_numpy(np.array(images, np.float32)).flatten(1)
        with torch.inference_mode():
            features = torch.cat([self.network(part) for part in torch.split(x, CHUNK)])
            probabilities = torch.softmax(self.network.out(features), 1)
        return features.double().numpy(), probabilities.double().numpy()


def save_classifier(path: Path, network: Network, card: Card) -> None:
    """Write a classifier in half precision; the file is complete or not written. Raises OSError."""
    tensors = {name: weight.detach().half().contiguous() for name, weight in network.state_dict().items()}
    write_tensors(path, "classifier", msgspec.json.encode(card).decode(), tensors)


@cache
def load_classifier(path: Path = SHIPPED) -> Classifier:
    """Load a classifier, by default the shipped one. Raises ValueError, in one sentence, if the file is not valid."""
    text, tensors = read_tensors(path, "classifier")
    network = Network().eval()
    damaged = ValueError(f"{quoted(path.name)} is damaged. Install the program again.")
    try:
        card = msgspec.json.decode(text, type=Card)
        network.load_state_dict({name: weight.float() for name, weight in tensors.items()})
    except (msgspec.DecodeError, UnicodeError, RuntimeError) as error:
        raise damaged from error
    if not all(bool(weight.isfinite().all()) for weight in network.parameters()):
        raise damaged
    return Classifier(card, network)
