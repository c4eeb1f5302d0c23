"""The optimiser of a training: AdamW of PyTorch, without PyTorch's compiler."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn


def _plain(method: Callable[..., Any]) -> Callable[..., Any]:
    """Return a method of PyTorch without the decorator that imports the compiler to turn it off."""
    return getattr(method, "__wrapped__", method)


class AdamW(torch.optim.AdamW):
    """AdamW (Loshchilov & Hutter 2019). The compiler's 830 modules would take 77 MB, and a second at each start."""

    add_param_group = _plain(torch.optim.AdamW.add_param_group)
    state_dict = _plain(torch.optim.AdamW.state_dict)
    load_state_dict = _plain(torch.optim.AdamW.load_state_dict)
    zero_grad = _plain(torch.optim.AdamW.zero_grad)
    _step = staticmethod(_plain(torch.optim.AdamW.step))

    @torch.no_grad()
    def step(self, closure: Any = None) -> Any:
        """Take one step, as `torch.optim.AdamW.step`."""
        return self._step(self, closure)


def groups(networks: nn.Module, weight_decay: float) -> list[dict[str, Any]]:
    """Return the parameter groups of AdamW: weight decay for matrices, none for biases and norms."""
    matrices = [p for p in networks.parameters() if p.ndim > 1]
    rest = [p for p in networks.parameters() if p.ndim <= 1]
    return [{"params": matrices, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]


def limit(groups: Sequence[Sequence[Tensor]], largest: float) -> Tensor:
    """Scale the gradient of each group of weights, in place, to the norm `largest` if it is longer.

    Returns the largest norm of a group before; it is NaN if any gradient is.
    """
    sizes = []
    for weights in groups:
        size = nn.utils.get_total_norm([weight.grad for weight in weights if weight.grad is not None])
        if size > largest:
            nn.utils.clip_grads_with_norm_(weights, largest, size)
        sizes.append(size)
    return torch.stack(sizes).max()
