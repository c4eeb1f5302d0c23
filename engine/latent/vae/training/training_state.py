"""Training states: everything that is needed to resume a training, in a safetensors file that is checked like a model.

A state contains the weights, their averages, the optimiser's moments, the random generator, the order of this epoch's
images and the sums so far, in float32. A resumed training equals an uninterrupted one to the last bit. More epochs than
planned are allowed. The schedule is then that of the longer training, so that a cosine that had reached 0 rises again,
and the model's card states this.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
import torch
from msgspec import Meta
from torch import Tensor, nn

from engine.files import quoted
from engine.json_errors import reason
from engine.latent.vae.networks.checkpoint import read_tensors, write_tensors
from engine.latent.vae.recipe import Recipe
from engine.part import decode_hook, encode_hook

MOMENTS = ("exp_avg", "exp_avg_sq", "step")  # the state of AdamW for each parameter
CURVES = ("epochs", "curve")  # of the History, with a step in each row
Count = Annotated[int, Meta(ge=0, le=2**53)]


class Position(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The position of a training in its recipe: the state except for the tensors.

    `shape` (n, h, w) or (n, h, w, 3) and `checksum` belong to the training images. `sums` are the reconstruction and
    the KL summed over this epoch's batches, in nats per image. `stride` and `pending` belong to the History.
    """

    recipe: Recipe
    shape: Annotated[tuple[Count, ...], Meta(min_length=3, max_length=4)]
    checksum: Count
    step: Count
    sums: tuple[float, float]
    seconds: Annotated[float, Meta(ge=0, le=1e12)]
    stride: Annotated[int, Meta(ge=1, le=2**53)]
    pending: tuple[Count, float, float]
    remarks: tuple[Annotated[str, Meta(max_length=200)], ...] = ()
    classes: Annotated[tuple[Annotated[str, Meta(max_length=1000)], ...], Meta(max_length=256)] = ()  # that are given


class State(msgspec.Struct, frozen=True, eq=False):
    """A training between two batches: its position, and its tensors by name, on the CPU."""

    position: Position
    tensors: dict[str, Tensor]

    def check(self, expected: dict[str, Tensor]) -> None:
        """Raise ValueError unless the tensors fit `expected`, the tensors of a new training with the same recipe."""
        if set(self.tensors) != set(expected):
            raise ValueError("it does not contain the layers of its architecture.")
        for name, given in self.tensors.items():
            wanted = expected[name]
            if given.dtype != wanted.dtype or not _fits(name, given, wanted, self.position.shape[0]):
                raise ValueError(f"it contains {name} in the shape {tuple(given.shape)} of {given.dtype}.")
            known = given[:, [0, 1, 2, 5]] if name == "epochs" else given  # without test images, their ELBO is NaN
            if given.is_floating_point() and not bool(known.isfinite().all()):
                raise ValueError(f"it contains numbers in {name} that are not finite.")
            if name in CURVES and not _are_steps(given[:, 0], self.position.step):
                raise ValueError(f"it contains steps in {name} that are no steps of this training.")
            if name.startswith(MOMENTS[1:]) and bool((given < 0).any()):
                raise ValueError(f"it contains numbers in {name} that are less than 0.")
        self._check_order()

    def _check_order(self) -> None:
        order = self.tensors["order"].long()
        if len(order) and not torch.equal(order.sort().values, torch.arange(len(order))):
            raise ValueError("its order of the images is not valid.")
        if self.position.step and not len(order):
            raise ValueError("its order of the images is missing.")


def _are_steps(steps: Tensor, last: int) -> bool:
    """Whether these are whole numbers from 0 to the last step, in ascending order."""
    ascending = bool((steps.diff() > 0).all())
    return ascending and bool(((steps >= 0) & (steps <= last) & (steps == steps.floor())).all())


def _fits(name: str, given: Tensor, wanted: Tensor, images: int) -> bool:
    if name == "order":
        return given.shape in ((0,), (images,))
    if name in CURVES:
        return given.ndim == 2 and given.shape[1] == wanted.shape[1]
    return given.shape == wanted.shape


def weights_of(networks: nn.Module, averaged: nn.Module, optimiser: torch.optim.Optimizer) -> dict[str, Tensor]:
    """Return copies of the weights, of their averages and of the optimiser's state, by name, on the CPU."""
    tensors = {f"weights.{name}": weight for name, weight in networks.state_dict().items()}
    tensors |= {f"averaged.{name}": weight for name, weight in averaged.state_dict().items()}
    for name, weight in networks.named_parameters():
        zeros = {"exp_avg": torch.zeros_like(weight), "exp_avg_sq": torch.zeros_like(weight), "step": torch.zeros(())}
        tensors |= {f"{moment}.{name}": optimiser.state[weight].get(moment, zeros[moment]) for moment in MOMENTS}
    return {name: tensor.detach().to("cpu", copy=True) for name, tensor in tensors.items()}


def put_weights(
    tensors: dict[str, Tensor], networks: nn.Module, averaged: nn.Module, optimiser: torch.optim.Optimizer
) -> None:
    """Load the tensors that `weights_of` returned into the networks and the optimiser."""
    for module, kind in ((networks, "weights"), (averaged, "averaged")):
        module.load_state_dict({name: tensors[f"{kind}.{name}"] for name in module.state_dict()})
    for name, weight in networks.named_parameters():
        optimiser.state[weight] = {m: tensors[f"{m}.{name}"].to(weight.device, copy=True) for m in MOMENTS}


def write_state(path: Path, state: State) -> None:
    """Write a state with its checksum; the file is complete or not written. Raises OSError."""
    write_tensors(path, "state", msgspec.json.encode(state.position, enc_hook=encode_hook).decode(), state.tensors)


def read_state(path: Path) -> State:
    """Read a state from a file. Raises ValueError, in one sentence, if the file is not valid."""
    text, tensors = read_tensors(path, "state")
    try:
        position = msgspec.json.decode(text, type=Position, dec_hook=decode_hook)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        name = quoted(path.name)
        raise ValueError(f"{name} has a description that this version cannot read: {reason(error)}.") from error
    return State(position, tensors)
