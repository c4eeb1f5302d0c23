"""A step of fully connected networks with the gradient by hand: the numbers of PyTorch's autograd, in less time.

PyTorch records and differentiates each operation; for small networks this takes longer than their arithmetic. The
gradient here consists of the same operations in the same order, so that the weights are the same to the last bit.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn

from engine.latent.vae.likelihoods import Bernoulli, GreyBernoulli
from engine.latent.vae.networks import residual_mlp
from engine.latent.vae.networks.networks import LOG_VARIANCE, Networks, Posterior
from engine.latent.vae.training.layers import ACTIVATIONS, Activation, Chain, Layer, Linear, Norm, Residual, Waves


class FullyConnected:
    """Networks of linear layers, activations and residual blocks, with a Bernoulli likelihood."""

    def __init__(self, encoder: Chain, decoder: Chain, precision: torch.dtype) -> None:
        self.encoder, self.decoder, self.precision = encoder, decoder, precision

    @classmethod
    def of(cls, networks: Networks, precision: torch.dtype) -> FullyConnected | None:
        """Return it for the networks, or None if they are of another kind or not all of their weights are trained."""
        plain = type(networks) is Networks and isinstance(networks.likelihood, Bernoulli | GreyBernoulli)
        if not plain or not all(weight.requires_grad for weight in networks.parameters()) or not _is_covered(networks):
            return None
        encoder, decoder = _encoder(networks.encoder, precision), _decoder(networks.decoder, precision)
        return cls(Chain(encoder), Chain(decoder), precision) if encoder and decoder else None

    @torch.no_grad()
    def descend(
        self, x: Tensor, encoded: Tensor, noise: Tensor, of_fit: Tensor, of_kl: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Set the gradient of the sum of `of_fit` · reconstruction + `of_kl` · KL over the images.

        Returns reconstruction and KL, each (n,) in nats, as `elbo` does: Kingma & Welling 2014, eq. 10.
        """
        mean, raw = self.encoder.forward(encoded).float().chunk(2, dim=1)
        log_variance = raw.clamp(*LOG_VARIANCE)
        spread = torch.exp(log_variance / 2)
        logits = self.decoder.forward(mean + spread * noise).float()
        fit = torch.binary_cross_entropy_with_logits(logits, x, None, None, 0).sum(1).neg_()
        variance = log_variance.exp()
        kl = (1 + log_variance).sub_(mean**2).sub_(variance).mul_(-0.5).sum(1)

        of_logits = torch.sigmoid(logits).sub_(x).mul_(-of_fit)
        of_z = self.decoder.backward(of_logits.to(self.precision)).float()
        half = 0.5 * of_kl
        of_mean = (2 * mean).mul_(half).add_(of_z)
        of_log_variance = variance.mul_(half).sub_(half).add_(of_z.mul_(noise).mul_(spread).div_(2))
        of_log_variance.masked_fill_(raw != log_variance, 0)
        self.encoder.backward(torch.cat([of_mean, of_log_variance], dim=1).to(self.precision))
        return fit, kl


def _is_covered(networks: nn.Module) -> bool:
    """Whether each weight is that of one linear or normalising layer with a shift, and of no other."""
    layers = [module for _, module in networks.named_modules(remove_duplicate=False)]
    layers = [module for module in layers if type(module) in (nn.Linear, nn.LayerNorm)]
    used = [id(weight) for layer in layers for weight in (layer.weight, layer.bias)]
    return sorted(used) == sorted(id(weight) for weight in networks.parameters())


def _encoder(network: nn.Module, precision: torch.dtype) -> list[Layer]:
    """The layers of an encoder; none if it is of another kind."""
    layers: list[Layer] = []
    if type(network) is Posterior and type(network.layers) is nn.Sequential:
        layers = _alternating(network.layers, precision)
    elif type(network) is residual_mlp.Encoder:
        blocks = _blocks(network.blocks, precision)
        layers = [Linear(network.into, precision), Activation(nn.GELU), *blocks, Linear(network.narrow, precision)]
        layers += [Activation(nn.GELU), Linear(network.out, precision)]
    if layers and isinstance(layers[0], Linear):
        layers[0].is_first = True
    return layers


def _decoder(network: nn.Module, precision: torch.dtype) -> list[Layer]:
    """The layers of a decoder; none if it is of another kind."""
    if type(network) is nn.Sequential:
        return _alternating(network, precision)
    if type(network) is not residual_mlp.Decoder:
        return []
    into: list[Layer] = [Waves(network.octaves), Linear(network.into, precision)]
    out: list[Layer] = [Norm(network.norm), Activation(nn.GELU), Linear(network.out, precision)]
    return into + _blocks(network.blocks, precision) + out


def _blocks(blocks: Iterable[nn.Module], precision: torch.dtype) -> list[Layer]:
    """The residual blocks of a network."""
    found: list[Layer] = []
    for block in blocks:
        assert isinstance(block, residual_mlp.Block)
        up, down = Linear(block.up, precision), Linear(block.down, precision)
        found.append(Residual([Norm(block.norm), up, Activation(nn.GELU), down]))
    return found


def _alternating(layers: nn.Sequential, precision: torch.dtype) -> list[Layer]:
    """Linear layers with activations between them; none if these are other layers."""
    found: list[Layer] = []
    for i, layer in enumerate(layers):
        if type(layer) is nn.Linear and i % 2 == 0:
            found.append(Linear(layer, precision))
        elif type(layer) in ACTIVATIONS and i % 2 == 1 and getattr(layer, "approximate", "none") == "none":
            found.append(Activation(type(layer)))
        else:
            return []
    return found
