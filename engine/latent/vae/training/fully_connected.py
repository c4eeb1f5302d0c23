"""A step of fully connected networks with the gradient by hand: the numbers of PyTorch's autograd, in less time.

PyTorch records and differentiates each operation; for small networks this takes longer than their arithmetic. The
gradient here consists of the same operations in the same order, so that the weights are the same to the last bit.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from engine.latent.vae.likelihoods import Bernoulli, GreyBernoulli
from engine.latent.vae.networks.networks import LOG_VARIANCE, Networks, Posterior

Activation = Callable[[Tensor], Tensor]
Slope = Callable[[Tensor, Tensor, Tensor], Tensor]  # gradient, input and output of the activation -> gradient
ACTIVATIONS: dict[type[nn.Module], tuple[Activation, Slope]] = {
    nn.ReLU: (torch.relu, lambda gradient, _, after: torch.ops.aten.threshold_backward(gradient, after, 0)),
    nn.GELU: (nn.functional.gelu, lambda gradient, before, _: torch.ops.aten.gelu_backward(gradient, before)),
    nn.Tanh: (torch.tanh, lambda gradient, _, after: torch.ops.aten.tanh_backward(gradient, after)),
}


class Layers:
    """Linear layers with activations of one kind between them: x (n, inputs) -> (n, outputs).

    Products are computed in `precision`. Weights, their gradients and the outputs are float32. `forward` keeps what
    `backward` needs. Numbers that are converted stay in the same memory in all steps.
    """

    def __init__(self, layers: nn.Sequential, precision: torch.dtype) -> None:
        self.weights: list[Tensor] = list(layers.parameters())  # matrix and shift of each layer
        self.activation, self.slope = ACTIVATIONS[type(layers[1])]
        self.precision = precision
        self.is_exact = precision == torch.float32
        self.used = [weight.detach() if self.is_exact else weight.to(precision) for weight in self.weights]
        self.gradients = [torch.zeros_like(weight) for weight in self.weights]
        self.inputs: list[Tensor] = []  # of each layer
        self.outputs: list[Tensor] = []  # of each layer but the last

    def forward(self, x: Tensor) -> Tensor:
        """Return the outputs."""
        if not self.is_exact:
            torch._foreach_copy_(self.used, self.weights)
        self.inputs, self.outputs = [x.to(self.precision)], []
        for matrix, shift in zip(self.used[:-2:2], self.used[1:-2:2], strict=True):
            self.outputs.append(torch.addmm(shift, self.inputs[-1], matrix.t()))
            self.inputs.append(self.activation(self.outputs[-1]))
        return torch.addmm(self.used[-1], self.inputs[-1], self.used[-2].t()).float()

    def backward(self, gradient: Tensor) -> Tensor:
        """Set the gradients of the weights from that of the outputs. Returns that of the first layer's output."""
        gradient, found = gradient.to(self.precision), []
        for i in reversed(range(len(self.inputs))):
            found += [gradient.sum(0), gradient.t() @ self.inputs[i]]
            if i:
                gradient = self.slope(gradient @ self.used[2 * i], self.outputs[i - 1], self.inputs[i])
        if self.is_exact:
            self.gradients = found[::-1]
        else:
            torch._foreach_copy_(self.gradients, found[::-1])
        for weight, of_weight in zip(self.weights, self.gradients, strict=True):
            weight.grad = of_weight
        return gradient


class FullyConnected:
    """Networks of linear layers with a Bernoulli likelihood."""

    def __init__(self, encoder: Layers, decoder: Layers) -> None:
        self.encoder, self.decoder = encoder, decoder

    @classmethod
    def of(cls, networks: Networks, precision: torch.dtype) -> FullyConnected | None:
        """Return it for the networks, or None if they are of another kind or not all of their weights are trained."""
        plain = type(networks) is Networks and isinstance(networks.likelihood, Bernoulli | GreyBernoulli)
        if not plain or type(networks.encoder) is not Posterior:
            return None
        encoder, decoder = networks.encoder.layers, networks.decoder
        if type(encoder) is not nn.Sequential or type(decoder) is not nn.Sequential:
            return None
        if not _is_alternating(encoder) or not _is_alternating(decoder):
            return None
        used = [
            id(weight)
            for layer in [*encoder, *decoder]
            if type(layer) is nn.Linear
            for weight in (layer.weight, layer.bias)
        ]
        weights = list(networks.parameters())
        if [id(weight) for weight in weights] != used:  # a layer without a shift, or used twice, or another weight
            return None
        trained = all(weight.requires_grad for weight in weights)
        return cls(Layers(encoder, precision), Layers(decoder, precision)) if trained else None

    @torch.no_grad()
    def descend(
        self, x: Tensor, encoded: Tensor, noise: Tensor, of_fit: Tensor, of_kl: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Set the gradient of the sum of `of_fit` · reconstruction + `of_kl` · KL over the images.

        Returns reconstruction and KL, each (n,) in nats, as `elbo` does: Kingma & Welling 2014, eq. 10.
        """
        mean, raw = self.encoder.forward(encoded).chunk(2, dim=1)
        log_variance = raw.clamp(*LOG_VARIANCE)
        spread = torch.exp(log_variance / 2)
        logits = self.decoder.forward(mean + spread * noise)
        fit = torch.binary_cross_entropy_with_logits(logits, x, None, None, 0).neg_().sum(1)
        variance = log_variance.exp()
        kl = (1 + log_variance).sub_(mean**2).sub_(variance).mul_(-0.5).sum(1)

        first = self.decoder.backward(torch.sigmoid(logits).sub_(x).mul_(-of_fit))
        of_z = (first @ self.decoder.used[0]).float()
        half = 0.5 * of_kl
        of_mean = (2 * mean).mul_(half).add_(of_z)
        of_log_variance = variance.mul_(half).sub_(half).add_(of_z.mul_(noise).mul_(spread).div_(2))
        of_log_variance.masked_fill_(raw != log_variance, 0)
        self.encoder.backward(torch.cat([of_mean, of_log_variance], dim=1))
        return fit, kl


def _is_alternating(layers: nn.Sequential) -> bool:
    """Whether these are linear layers with activations of one kind between them."""
    kinds = [type(layer) for layer in layers]
    one = len(kinds) > 2 and kinds[1] in ACTIVATIONS and len(set(kinds[1::2])) == 1
    exact = all(getattr(layer, "approximate", "none") == "none" for layer in layers)  # GELU has an approximation
    return one and exact and set(kinds[::2]) == {nn.Linear}
