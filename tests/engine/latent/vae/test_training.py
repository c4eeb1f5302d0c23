"""Training: it learns, it repeats itself to the bit, and its settings are checked."""

import numpy as np
import pytest
import torch
from msgspec.structs import replace

from engine.latent.images import Images
from engine.latent.vae.objective import evaluate
from engine.latent.vae.recipe import Jitter, Recipe, ResidualMlp
from engine.latent.vae.training import Training, main, recipe_from, shaken

SMALL = Recipe(
    architecture=ResidualMlp(encoder_width=32, bottleneck=16, decoder_width=32, octaves=1),
    epochs=30,
    batch=50,
    averaging=0.9,
    input_dropout=0.0,
)


@pytest.fixture(scope="module")
def bars():
    """Bright bars at one of six heights: two clusters of pixels that a 2-D latent can tell apart."""
    rng = np.random.default_rng(0)
    rows = rng.integers(0, 6, 600)
    pixels = np.zeros((600, 6, 6), np.uint8)
    pixels[np.arange(600), rows] = 255
    return Images(pixels, rows.astype(np.uint8), tuple("012345"))


def trained(recipe, images):
    torch.set_num_threads(1)
    training = Training(recipe, images)
    reports = list(training)
    return training, reports


def test_training_raises_the_elbo(bars):
    training, reports = trained(SMALL, bars)
    before = evaluate(Training(SMALL, bars).averaged, SMALL.likelihood, bars)
    after = evaluate(training.averaged.eval(), SMALL.likelihood, bars)
    assert after.total > before.total + 5
    assert reports[-1].step == reports[-1].steps == 30 * 12
    assert [report.epoch for report in reports] == [epoch for epoch in range(30) for _ in range(12)]


def test_the_same_seed_gives_the_same_weights_to_the_bit(bars):
    one, other = (trained(SMALL, bars)[0].averaged.state_dict() for _ in range(2))
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_another_seed_gives_other_weights(bars):
    one = trained(SMALL, bars)[0].averaged.state_dict()
    other = trained(replace(SMALL, seed=1), bars)[0]
    assert not torch.equal(one["decoder.out.bias"], other.averaged.state_dict()["decoder.out.bias"])


def test_shaking_by_nothing_changes_nothing():
    pixels = torch.randint(0, 256, (4, 28, 28), generator=torch.Generator().manual_seed(0))
    same = shaken(pixels, Jitter(), torch.Generator().manual_seed(1))
    torch.testing.assert_close(same, pixels.float(), atol=0.02, rtol=0)


def test_shaking_by_a_shift_moves_the_centre_by_at_most_that():
    pixels = torch.zeros(50, 28, 28)
    pixels[:, 10:18, 10:18] = 255.0
    moved = shaken(pixels, Jitter(shift=1.5), torch.Generator().manual_seed(1))
    at = torch.arange(28.0)
    centre = (moved.sum(1) * at).sum(1) / moved.sum((1, 2))
    assert float((centre - 13.5).abs().max()) <= 1.51
    assert float(centre.std()) > 0.5


def test_shaking_fades_with_its_strength():
    pixels = torch.randint(0, 256, (4, 28, 28), generator=torch.Generator().manual_seed(0))
    jitter = Jitter(shift=1.5, turn=10, scale=0.1, shear=0.1, threshold=20)
    away = [
        float((shaken(pixels, jitter, torch.Generator().manual_seed(1), strength) - pixels).abs().mean())
        for strength in (1.0, 0.1, 0.01, 0.0)
    ]
    assert away == sorted(away, reverse=True)
    assert away[-1] < 0.02


def test_training_ends_with_the_jitter_faded(bars, monkeypatch):
    seen = []
    monkeypatch.setattr("engine.latent.vae.training.shaken", lambda x, *rest: seen.append(rest[-1]) or x)
    trained(replace(SMALL, epochs=2, jitter=Jitter(shift=1, fade=0.75)), bars)
    np.testing.assert_allclose(seen, 1 - 0.75 * np.arange(24) / 24)


def test_settings_change_the_recipe():
    recipe = recipe_from(["epochs=3", "jitter.shift=0.5", "architecture.octaves=2", "precision=float32"])
    assert (recipe.epochs, recipe.jitter.shift, recipe.architecture.octaves) == (3, 0.5, 2)


@pytest.mark.parametrize("setting", ["nothing=1", "epochs=-1", "jitter.sideways=1", "epochs=many", "seed"])
def test_a_bad_setting_is_refused_with_status_2(setting, tmp_path, capsys):
    assert main(["--out", str(tmp_path / "x.safetensors"), setting]) == 2
    assert capsys.readouterr().err.count("\n") == 1
