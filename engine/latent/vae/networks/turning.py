"""Rotations and reflections of the latent plane of trained networks, and another order of their latents.

The prior N(0, I) has no preferred direction. If z' = Rz with an orthogonal matrix R, the decoder f(Rᵀz') has the same
p(x|z), p(x) and posterior in the rotated plane. The encoder's q has independent axes. A rotation by right angles and a
reflection map it to such a q again, so the KL and the ELBO of every image stay, too. Another angle would need a q with
correlated axes; the logarithms of its variances are then averaged with the weights R², which keeps the entropy of q.
The ELBO changes little if both σ are nearly equal or the angle is small.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from engine.latent.vae.networks.networks import Networks

PROBES = ((0.0, 0.0), (1.0, 0.5), (-0.3, 1.2), (-1.5, -0.7))  # latents at which the rotated decoder is compared
CANNOT = "The plane of these networks cannot be rotated by this angle. Set the plane rotation to 0, 90, 180 or −90."


def orthogonal(degrees: float, *, mirror: bool) -> Tensor:
    """Return R (2, 2): a reflection of the first axis if `mirror`, then a rotation from the first to the second."""
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    if degrees % 90 == 0:
        cos, sin = float(round(cos)), float(round(sin))
    return torch.tensor([[cos, -sin], [sin, cos]]) @ torch.diag(torch.tensor([-1.0 if mirror else 1.0, 1.0]))


def turned(networks: Networks, degrees: float, *, mirror: bool) -> Networks:
    """Rotate the plane of the networks, in place, and return them.

    The last layer of the encoder and the first layer of the decoder change; at right angles each weight keeps its
    digits. Raises ValueError, in one sentence, if the networks do not begin and end in such layers, or if the decoder
    has Fourier features of z and the angle is not right.
    """
    matrix = orthogonal(degrees, mirror=mirror)
    last = [layer for layer in networks.encoder.modules() if isinstance(layer, nn.Linear)][-1:]
    first = [layer for layer in networks.decoder.modules() if isinstance(layer, nn.Linear)][:1]
    if not last or not first or last[0].out_features != 4 or first[0].in_features % 4 != 2:
        raise ValueError(CANNOT)
    with torch.no_grad():
        z = torch.tensor(PROBES)
        before = networks.decoder(z)
        into, out = first[0], last[0]
        for values in (out.weight, out.bias):
            values.copy_(torch.cat([matrix @ values[:2], matrix**2 @ values[2:]]))  # means, and log variances
        into.weight.copy_(_columns(into.weight, matrix))
        if not torch.allclose(networks.decoder(z @ matrix.T), before, rtol=1e-3, atol=1e-3):
            raise ValueError(CANNOT)
    return networks


def ordered(networks: Networks, order: Sequence[int] | NDArray[np.intp]) -> Networks:
    """Number the latents anew, in place: latent k becomes the present latent order[k]; return the networks.

    The prior has no preferred axis, so that every likelihood and every ELBO stay. Networks that do not begin and end in
    layers as those of `turned` keep their order.
    """
    d, new = networks.latents, torch.as_tensor(np.array(order))
    last = [layer for layer in networks.encoder.modules() if isinstance(layer, nn.Linear)][-1:]
    first = [layer for layer in networks.decoder.modules() if isinstance(layer, nn.Linear)][:1]
    if not last or not first or last[0].out_features != 2 * d or first[0].in_features % d:
        return networks
    with torch.no_grad():
        z = torch.cat([torch.zeros(1, d), 0.5 + torch.arange(d * d).reshape(d, d) / (d * d)])
        before = networks.decoder(z)
        weight = first[0].weight.clone()
        first[0].weight.copy_(torch.cat([part[:, new] for part in torch.split(weight, d, dim=1)], dim=1))
        if not torch.allclose(networks.decoder(z[:, new]), before, rtol=1e-3, atol=1e-3):
            first[0].weight.copy_(weight)
            return networks
        for values in (last[0].weight, last[0].bias):
            values.copy_(torch.cat([values[:d][new], values[d:][new]]))
    return networks


def _columns(weight: Tensor, matrix: Tensor) -> Tensor:
    """Return the weights (n, 2 + 4k) of z, and of sin and cos of z at k frequencies, for the turned z."""
    pairs = torch.split(weight, 2, dim=1)
    turns = [matrix.abs() if i and i % 2 == 0 else matrix for i in range(len(pairs))]  # cos is an even function
    return torch.cat([pair @ turn.T for pair, turn in zip(pairs, turns, strict=True)], dim=1)
