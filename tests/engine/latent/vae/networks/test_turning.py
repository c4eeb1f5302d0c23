"""Turns of the latent plane: prior, likelihood, ELBO and evidence stay; an angle that is not right changes the ELBO."""

import numpy as np
import pytest
import torch
from torch import nn

from engine.latent.vae.architectures.architecture import ARCHITECTURES
from engine.latent.vae.architectures.coordinates import Coordinates
from engine.latent.vae.architectures.mlp import Mlp
from engine.latent.vae.architectures.residual_mlp import ResidualMlp
from engine.latent.vae.likelihoods import Bernoulli
from engine.latent.vae.networks.build import networks_for
from engine.latent.vae.networks.networks import Networks
from engine.latent.vae.networks.turning import CANNOT, orthogonal, turned
from engine.latent.vae.training.elbo import elbo, kl_to_prior
from tests.engine.latent.linear import LinearModel

TURNS = [(degrees, mirror) for degrees in (0, 90, 180, -90) for mirror in (False, True)]
SMALL = {
    Mlp: {"widths": (8,)},
    Coordinates: {"encoder_widths": (8,), "width": 8, "code": 8},
    ResidualMlp: {"encoder_width": 8, "bottleneck": 4, "decoder_width": 8, "octaves": 2},
}


def sizes(networks):
    return torch.cat([weight.detach().abs().flatten() for weight in networks.parameters()]).sort().values


@pytest.mark.parametrize("architecture", list(ARCHITECTURES), ids=lambda kind: kind.__name__)
def test_every_turn_keeps_prior_likelihood_and_elbo(architecture):
    """The networks of every architecture have the same terms at the turned latents, for the turned noise."""
    form = architecture(**SMALL.get(architecture, {}))
    x = (torch.rand(5, 64, generator=torch.Generator().manual_seed(1)) > 0.5).float()
    noise = torch.randn(5, 2, generator=torch.Generator().manual_seed(2))
    for degrees, mirror in ((90, True), (180, False), (-90, False)):
        torch.manual_seed(3)
        networks = networks_for(form, Bernoulli(), (8, 8)).eval()
        matrix = orthogonal(degrees, mirror=mirror)
        with torch.inference_mode():
            fit, kl = elbo(networks, x, x, noise)
            mean, log_variance = networks.encoder(x)
            weights = sizes(networks)
            turned(networks, degrees, mirror=mirror)
            after = elbo(networks, x, x, noise @ matrix.T)
            found_mean, found_variance = networks.encoder(x)
        torch.testing.assert_close(after[0], fit)
        torch.testing.assert_close(after[1], kl)
        torch.testing.assert_close(found_mean, mean @ matrix.T)
        torch.testing.assert_close(found_variance, log_variance @ matrix.abs().T)
        torch.testing.assert_close((found_mean**2).sum(1), (mean**2).sum(1))  # so ln p(z) stays
        assert torch.equal(weights, sizes(networks))  # no digit is lost, so the file in half precision is as exact


def test_the_turns_are_the_eight_symmetries_of_a_square():
    matrices = {tuple(orthogonal(q, mirror=m).flatten().tolist()) for q, m in TURNS}
    assert len(matrices) == 8
    assert orthogonal(90, mirror=False) @ torch.tensor([1.0, 0.0]) == pytest.approx([0.0, 1.0])
    assert orthogonal(0, mirror=True) @ torch.tensor([1.0, 2.0]) == pytest.approx([-1.0, 2.0])


def test_any_angle_keeps_the_likelihood_and_the_entropy_of_q_and_a_small_one_nearly_the_elbo():
    """The plain MLP: p(x|z) and Σ ln σ² are the same at the rotated latents, and the KL changes little."""
    torch.manual_seed(3)
    networks = networks_for(Mlp(widths=(8,)), Bernoulli(), (8, 8)).eval()
    x = (torch.rand(5, 64, generator=torch.Generator().manual_seed(1)) > 0.5).float()
    z, matrix = torch.randn(5, 2, generator=torch.Generator().manual_seed(2)), orthogonal(173, mirror=True)
    with torch.inference_mode():
        fit, (mean, log_variance) = networks.log_likelihood(x, z), networks.encoder(x)
        kl = kl_to_prior(mean, log_variance)
        turned(networks, 173, mirror=True)
        found_mean, found_variance = networks.encoder(x)
        torch.testing.assert_close(networks.log_likelihood(x, z @ matrix.T), fit)
    torch.testing.assert_close(found_mean, mean @ matrix.T)
    torch.testing.assert_close(found_variance.sum(1), log_variance.sum(1))
    torch.testing.assert_close(kl_to_prior(found_mean, found_variance), kl, atol=0.01, rtol=0)


def test_fourier_features_of_z_are_only_rotated_by_right_angles():
    networks = networks_for(ResidualMlp(**SMALL[ResidualMlp]), Bernoulli(), (8, 8)).eval()
    with pytest.raises(ValueError, match="cannot be rotated"):
        turned(networks, 30, mirror=False)


@pytest.mark.parametrize("angle", [0.2, np.pi / 4])
def test_an_angle_that_is_not_right_keeps_the_evidence_and_lowers_the_best_elbo(angle):
    """Probabilistic PCA in closed form: ln p(x) stays, and the best q with independent axes owes ½ ln (S₀₀S₁₁/|S|).

    S is the posterior's precision (Bishop, PRML, section 10.1.2). It is diagonal before the turn, by the choice of W.
    """
    model = LinearModel()
    _, _, right = np.linalg.svd(model.w / model.sigma[:, None], full_matrices=False)
    model.w = model.w @ right.T
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    x = model.image().ravel()

    def evidence_and_debt():
        _, covariance, log_evidence = model.posterior(np.eye(len(x)), x)
        precision = np.linalg.inv(covariance)
        return log_evidence, 0.5 * np.log(np.prod(np.diag(precision)) / np.linalg.det(precision))

    before, debt = evidence_and_debt()
    model.w = model.w @ turn.T
    after, more = evidence_and_debt()
    assert after == pytest.approx(before, abs=1e-9)
    assert debt == pytest.approx(0, abs=1e-9)
    assert more > 0.01


def test_networks_that_cannot_be_turned_are_refused_in_a_sentence():
    class Squared(nn.Linear):
        def forward(self, z):
            return super().forward(z**2 + z)

    for decoder in (nn.Identity(), Squared(2, 9)):
        with pytest.raises(ValueError, match="cannot be rotated"):
            turned(Networks(nn.Linear(9, 4), decoder), 90, mirror=False)
    assert CANNOT.endswith(".")
