"""The optimiser of a training: AdamW of PyTorch, without the compiler and the checks of each step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn


def _plain(method: Callable[..., Any]) -> Callable[..., Any]:
    """Return a method of PyTorch without the decorator that imports the compiler to turn it off."""
    return getattr(method, "__wrapped__", method)


class AdamW(torch.optim.AdamW):
    """AdamW (Loshchilov & Hutter 2019), by PyTorch's fused operation, so the weights are those of PyTorch to the bit.

    The compiler's 830 modules would take 77 MB, and a second at each start. PyTorch's `step` sorts the weights by
    device and type again each time; this takes longer than the arithmetic of a small network.
    """

    add_param_group = _plain(torch.optim.AdamW.add_param_group)
    state_dict = _plain(torch.optim.AdamW.state_dict)
    load_state_dict = _plain(torch.optim.AdamW.load_state_dict)
    zero_grad = _plain(torch.optim.AdamW.zero_grad)

    @torch.no_grad()
    def step(self, closure: Any = None) -> Any:
        """Take one step for all weights that have a gradient. They must be float32, on one device."""
        for group in self.param_groups:
            weights = [weight for weight in group["params"] if weight.grad is not None]
            if not weights:
                continue
            states = [self.state[weight] or self._begin(weight) for weight in weights]
            counts = [state["step"] for state in states]
            torch._foreach_add_(counts, 1)
            torch._fused_adamw_(
                weights,
                [weight.grad for weight in weights],
                [state["exp_avg"] for state in states],
                [state["exp_avg_sq"] for state in states],
                [],
                counts,
                amsgrad=False,
                lr=group["lr"],
                beta1=group["betas"][0],
                beta2=group["betas"][1],
                weight_decay=group["weight_decay"],
                eps=group["eps"],
                maximize=False,
            )

    step.hooked = True  # type: ignore[attr-defined]  # otherwise PyTorch adds a record for its profiler to each step

    def _begin(self, weight: Tensor) -> dict[str, Tensor]:
        """Return the first state of a weight, which is kept: no steps, and moments of 0."""
        moments = {name: torch.zeros_like(weight) for name in ("exp_avg", "exp_avg_sq")}
        self.state[weight] = {"step": torch.zeros((), device=weight.device), **moments}
        begun: dict[str, Tensor] = self.state[weight]
        return begun


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
        gradients = [weight.grad for weight in weights if weight.grad is not None]
        size = torch.linalg.vector_norm(torch.stack(torch._foreach_norm(gradients)))
        if float(size) > largest:  # as `nn.utils.clip_grads_with_norm_`, which sorts the gradients by device first
            torch._foreach_mul_(gradients, largest / (size + 1e-6))
        sizes.append(size)
    return sizes[0] if len(sizes) == 1 else torch.stack(sizes).max()
