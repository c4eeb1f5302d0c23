"""The training of a GAN without a window: the GAN is written, with the last checkpoint or with several."""

import pytest
from msgspec.structs import replace

from engine.latent.training.runs import HISTORY, run_folder
from engine.latent.vae.cli.gan_command import train_gan
from engine.latent.vae.gan.curves import read_curves
from engine.latent.vae.gan.gan import load_gan
from tests.engine.latent.vae.gan.test_gan_worker import RECIPE

SHORT = replace(RECIPE, gan=replace(RECIPE.gan, steps=4))


@pytest.mark.parametrize(("number", "steps"), [(None, [4]), (3, [0, 1, 4])])
def test_a_run_has_the_last_checkpoint_or_the_number_that_is_asked_for(tmp_path, capsys, number, steps):
    assert train_gan(SHORT, tmp_path / "gan.safetensors", tmp_path / "runs", number) == 0
    folder = tmp_path / "runs" / run_folder(SHORT).name
    saved = sorted(folder.glob("*.safetensors"))
    assert [int(path.stem) for path in saved] == steps == [load_gan(path).card.step for path in saved]
    assert read_curves((folder / HISTORY).read_bytes()).table[:, 0].tolist() == [1, 2, 3, 4]
    assert load_gan(tmp_path / "gan.safetensors").card.step == 4
    assert "a GAN after 4 steps" in capsys.readouterr().out


def test_a_folder_that_cannot_be_written_is_named(tmp_path, capsys):
    blocked = tmp_path / "runs"
    blocked.write_text("a file in the way")
    assert train_gan(SHORT, tmp_path / "gan.safetensors", blocked, 2) == 1
    assert "bayescape train: " in capsys.readouterr().err
