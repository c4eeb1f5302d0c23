"""Layers of fully connected networks with the gradient by hand: the operations of PyTorch's autograd, in its order.

`forward` keeps what `backward` needs. `backward` sets the gradients of the weights from that of the output, and returns
the gradient of the input. Products of matrices are computed in the precision of the training; weights and their
gradients are float32. Arrays are (n, units).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import torch
from torch import Tensor, nn

Function = Callable[[Tensor], Tensor]
Slope = Callable[[Tensor, Tensor, Tensor], Tensor]  # gradient, input and output of the activation -> gradient
ACTIVATIONS: dict[type[nn.Module], tuple[Function, Slope]] = {
    nn.ReLU: (torch.relu, lambda gradient, _, after: torch.ops.aten.threshold_backward(gradient, after, 0)),
    nn.GELU: (nn.functional.gelu, lambda gradient, before, _: torch.ops.aten.gelu_backward(gradient, before)),
    nn.Tanh: (torch.tanh, lambda gradient, _, after: torch.ops.aten.tanh_backward(gradient, after)),
}


class Layer(Protocol):
    """A layer, or several of them."""

    def forward(self, x: Tensor) -> Tensor:
        """Return the output for the input x."""
        ...

    def backward(self, gradient: Tensor) -> Tensor:
        """Return the gradient of the input from that of the output."""
        ...


class Linear:
    """A linear layer, x Wᵀ + b. Numbers that are converted stay in the same memory in all steps."""

    def __init__(self, layer: nn.Linear, precision: torch.dtype) -> None:
        self.weights = [layer.weight, layer.bias]
        self.precision = precision
        self.is_exact = precision == torch.float32
        self.used = [weight.detach() if self.is_exact else weight.to(precision) for weight in self.weights]
        self.gradients = [torch.zeros_like(weight) for weight in self.weights]
        self.is_first = False  # whether no gradient of the input is needed

    def forward(self, x: Tensor) -> Tensor:
        """Return the output in the precision of the training."""
        if not self.is_exact:
            torch._foreach_copy_(self.used, self.weights)
        self.x = x.to(self.precision)
        return torch.addmm(self.used[1], self.x, self.used[0].t())

    def backward(self, gradient: Tensor) -> Tensor:
        """Return the gradient of the input; of the first layer of all, that of the output."""
        found = [gradient.t() @ self.x, gradient.sum(0)]
        if self.is_exact:
            self.gradients = found
        else:
            torch._foreach_copy_(self.gradients, found)
        for weight, of_weight in zip(self.weights, self.gradients, strict=True):
            weight.grad = of_weight
        return gradient if self.is_first else gradient @ self.used[0]


class Activation:
    """The nonlinear function after a layer."""

    def __init__(self, kind: type[nn.Module]) -> None:
        self.function, self.slope = ACTIVATIONS[kind]

    def forward(self, x: Tensor) -> Tensor:
        """Return the function of each number."""
        self.x, self.out = x, self.function(x)
        return self.out

    def backward(self, gradient: Tensor) -> Tensor:
        """Return the gradient times the slope."""
        return self.slope(gradient, self.x, self.out)


class Norm:
    """Layer normalisation: mean 0 and variance 1 over the units of each image, then a factor and a shift for each unit.

    Ba, Kiros & Hinton 2016, eq. 4.
    """

    def __init__(self, layer: nn.LayerNorm) -> None:
        self.layer, self.shape = layer, list(layer.normalized_shape)

    def forward(self, x: Tensor) -> Tensor:
        """Return the normalised x."""
        self.x, layer = x, self.layer
        out, self.mean, self.scale = torch.native_layer_norm(x, self.shape, layer.weight, layer.bias, layer.eps)
        return out

    def backward(self, gradient: Tensor) -> Tensor:
        """Return the gradient of x."""
        layer, needed = self.layer, [True, True, True]
        found: tuple[Tensor, Tensor, Tensor] = torch.ops.aten.native_layer_norm_backward(
            gradient, self.x, self.shape, self.mean, self.scale, layer.weight, layer.bias, needed
        )
        of_x, layer.weight.grad, layer.bias.grad = found
        return of_x


class Waves:
    """z (n, d) with the sine and cosine of z times 1, 2, 4 …, as many of them as there are octaves."""

    def __init__(self, octaves: int) -> None:
        self.octaves = octaves

    def forward(self, z: Tensor) -> Tensor:
        """Return (n, d · (1 + 2 · octaves))."""
        self.waves = []
        for k in range(self.octaves):
            angle = z * 2.0**k
            self.waves += [angle.sin(), angle.cos()]
        return torch.cat([z, *self.waves], dim=1)

    def backward(self, gradient: Tensor) -> Tensor:
        """Return the gradient of z: the sum of its parts in the order of PyTorch, from the last wave to the first."""
        total, *parts = gradient.float().chunk(1 + 2 * self.octaves, dim=1)
        for k in reversed(range(self.octaves)):
            (of_sine, of_cosine), (sine, cosine) = parts[2 * k : 2 * k + 2], self.waves[2 * k : 2 * k + 2]
            total = total + of_cosine * -sine * 2.0**k
            total = total + of_sine * cosine * 2.0**k
        return total


class Chain:
    """Layers after one another."""

    def __init__(self, layers: Sequence[Layer]) -> None:
        self.layers = layers

    def forward(self, x: Tensor) -> Tensor:
        """Return the output of the last layer."""
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self, gradient: Tensor) -> Tensor:
        """Return the gradient of the first layer's input."""
        for layer in reversed(self.layers):
            gradient = layer.backward(gradient)
        return gradient


class Residual(Chain):
    """A residual block: the input plus what the layers make of it."""

    def forward(self, x: Tensor) -> Tensor:
        """Return the sum."""
        return x + super().forward(x)

    def backward(self, gradient: Tensor) -> Tensor:
        """Return the sum of the gradients of both ways."""
        return gradient + super().backward(gradient)
