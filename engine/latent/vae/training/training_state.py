"""States: all that decides how a training goes on, as a safetensors file that is not believed until it is checked."""

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

CHECKPOINTS = ("exp_avg", "exp_avg_sq", "step")  # what AdamW remembers of each parameter
Count = Annotated[int, Meta(ge=0, le=2**53)]


class Place(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a training stands: the part of its state that is no array.

    `shape` (n, h, w) or (n, h, w, 3) and `checksum` are those of the training images; `sums` are the reconstruction and
    the KL summed over this epoch's batches; `stride` and `pending` are those of the History.
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


class State(msgspec.Struct, frozen=True, eq=False):
    """A training between two batches: its place and, by name, its tensors, on the CPU."""

    place: Place
    tensors: dict[str, Tensor]

    def check(self, fresh: dict[str, Tensor]) -> None:
        """Raise ValueError, in one sentence, unless the tensors fit those of a `fresh` training of the same recipe."""
        if set(self.tensors) != set(fresh):
            raise ValueError("it holds other layers than its architecture has.")
        for name, given in self.tensors.items():
            wanted = fresh[name]
            if given.dtype != wanted.dtype or not _fits(name, given, wanted, self.place.shape[0]):
                raise ValueError(f"it holds {name} in the shape {tuple(given.shape)} of {given.dtype}.")
            unknown = name == "epochs" and given.isnan()  # what no held-out images measured
            if given.is_floating_point() and not bool((given.isfinite() | unknown).all()):
                raise ValueError(f"it holds numbers in {name} that are not finite.")
            if name.startswith(CHECKPOINTS[1:]) and bool((given < 0).any()):
                raise ValueError(f"it holds numbers in {name} that are less than 0.")
        self._check_order()

    def _check_order(self) -> None:
        order = self.tensors["order"].long()
        if len(order) and not torch.equal(order.sort().values, torch.arange(len(order))):
            raise ValueError("its order of the images is none.")
        if self.place.step and not len(order):
            raise ValueError("it does not say in which order the images come.")


def _fits(name: str, given: Tensor, wanted: Tensor, images: int) -> bool:
    if name == "order":
        return given.shape in ((0,), (images,))
    if name in ("epochs", "curve"):
        return given.ndim == 2 and given.shape[1] == wanted.shape[1]
    return given.shape == wanted.shape


def weights_of(networks: nn.Module, averaged: nn.Module, optimiser: torch.optim.Optimizer) -> dict[str, Tensor]:
    """Copies of the weights, of their running averages and of what AdamW remembers, by name."""
    found = {f"weights.{name}": weight for name, weight in networks.state_dict().items()}
    found |= {f"averaged.{name}": weight for name, weight in averaged.state_dict().items()}
    for name, weight in networks.named_parameters():
        zeros = {"exp_avg": torch.zeros_like(weight), "exp_avg_sq": torch.zeros_like(weight), "step": torch.zeros(())}
        found |= {f"{moment}.{name}": optimiser.state[weight].get(moment, zeros[moment]) for moment in CHECKPOINTS}
    return {name: tensor.detach().to("cpu", copy=True) for name, tensor in found.items()}


def put_weights(
    tensors: dict[str, Tensor], networks: nn.Module, averaged: nn.Module, optimiser: torch.optim.Optimizer
) -> None:
    """Bring back what `weights_of` found."""
    for module, kind in ((networks, "weights"), (averaged, "averaged")):
        module.load_state_dict({name: tensors[f"{kind}.{name}"] for name in module.state_dict()})
    for name, weight in networks.named_parameters():
        optimiser.state[weight] = {m: tensors[f"{m}.{name}"].to(weight.device, copy=True) for m in CHECKPOINTS}


def write_state(path: Path, state: State) -> None:
    """Write a state with its checksum, in one piece or not at all. Raises OSError."""
    write_tensors(path, "state", msgspec.json.encode(state.place, enc_hook=encode_hook).decode(), state.tensors)


def read_state(path: Path) -> State:
    """The state in a file. Raises ValueError, in one sentence, if the file is not sound."""
    text, tensors = read_tensors(path, "state")
    try:
        place = msgspec.json.decode(text, type=Place, dec_hook=decode_hook)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        name = quoted(path.name)
        raise ValueError(f"{name} describes itself in a way this version does not know: {reason(error)}.") from error
    return State(place, tensors)
