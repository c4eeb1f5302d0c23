"""The optimiser against PyTorch's own, and what it does not import."""

import subprocess
import sys

import pytest
import torch

from engine.latent.vae.training.optimiser import AdamW, limit

WITHOUT = """
import sys, torch
from engine.latent.vae.training.optimiser import AdamW
w = torch.nn.Parameter(torch.ones(3))
optimiser = AdamW([w], 0.1, fused=True)
(w**2).sum().backward()
optimiser.step()
optimiser.zero_grad()
optimiser.load_state_dict(optimiser.state_dict())
assert (w < 1).all()
print([name for name in ("torch._dynamo", "sympy") if name in sys.modules])
"""


def trained(kind):
    weights = [torch.nn.Parameter(torch.linspace(-1, 1, 12).reshape(3, 4)), torch.nn.Parameter(torch.ones(4))]
    groups = [{"params": weights[:1], "weight_decay": 0.1}, {"params": weights[1:], "weight_decay": 0.0}]
    optimiser = kind(groups, 0.05, (0.9, 0.99), fused=True)
    for i in range(20):
        (torch.sin((i + 1) * weights[0]) @ weights[1]).square().sum().backward()
        optimiser.step()
        optimiser.zero_grad()
    return weights


@pytest.mark.slow
def test_the_steps_are_those_of_pytorch_to_the_bit():
    for mine, theirs in zip(trained(AdamW), trained(torch.optim.AdamW), strict=True):
        assert torch.equal(mine, theirs)
        assert mine.grad is None or not mine.grad.any()


@pytest.mark.slow
def test_the_compiler_of_pytorch_is_not_imported():
    done = subprocess.run([sys.executable, "-c", WITHOUT], capture_output=True, text=True, check=False, timeout=100)
    assert done.stdout.strip() == "[]", done.stderr


def test_each_group_of_weights_has_the_limit_for_itself():
    """A gradient of length 5 is shortened to 4, whatever the other group has; a weight may have no gradient."""
    weights = [torch.nn.Parameter(torch.zeros(2)) for _ in range(4)]
    for weight, gradient in zip(weights, ([3.0, 0.0], [0.0, 4.0], [0.0, 3.9]), strict=False):
        weight.grad = torch.tensor(gradient)
    assert float(limit([weights[:2], weights[2:]], 4.0)) == pytest.approx(5)
    found = [weight.grad.tolist() for weight in weights[:3]]
    assert found == [pytest.approx([2.4, 0], rel=1e-5), pytest.approx([0, 3.2], rel=1e-5), pytest.approx([0, 3.9])]
    weights[2].grad[0] = float("nan")
    assert torch.isnan(limit([weights[:2], weights[2:]], 4.0))


@pytest.mark.parametrize("largest", [0.01, 3.0, 1e3])
def test_the_limit_is_that_of_pytorch_to_the_bit(largest):
    found, wanted = ([torch.nn.Parameter(torch.ones(size)) for size in ((7, 5), (5,), ())] for _ in range(2))
    generator = torch.Generator().manual_seed(1)
    for one, other in zip(found, wanted, strict=True):
        one.grad = torch.randn(one.shape, generator=generator)
        other.grad = one.grad.clone()
    assert torch.equal(limit([found], largest), torch.nn.utils.clip_grad_norm_(wanted, largest))
    assert all(torch.equal(one.grad, other.grad) for one, other in zip(found, wanted, strict=True))
