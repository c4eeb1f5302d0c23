"""The child process of a GAN, run here: checkpoints, curves and state are saved, and D and G can be trained alone."""

import queue

import msgspec
from msgspec.structs import replace

from engine.latent.datasets.faces import Faces
from engine.latent.training.folders import keep_in
from engine.latent.training.process import Control, Order, Report
from engine.latent.training.runs import HISTORY, STATE, checkpoint_name, run_folder
from engine.latent.vae.cli.worker import _carry_out
from engine.latent.vae.gan.curves import read_curves
from engine.latent.vae.gan.gan import load_gan
from engine.latent.vae.gan_recipe import GanRecipe
from tests.engine.latent.vae.gan.small import BASE

RECIPE = replace(BASE, data=Faces(training=100, held_out=12)).beside(
    GanRecipe(fresh=True, steps=4, batch=10, channels=1)
)


def carried_out(folder, capsys, *controls, recipe=RECIPE):
    """Carry out the order in a folder with controls that wait already; return the reports."""
    waiting = queue.SimpleQueue()
    for control in controls:
        waiting.put(control)
    _carry_out(Order(recipe, str(folder)), waiting)
    return [msgspec.json.decode(line, type=Report) for line in capsys.readouterr().out.splitlines()]


def test_a_gan_is_trained_stopped_resumed_and_stepped_alone(tmp_path, capsys):
    keep_in(tmp_path)
    folder = run_folder(RECIPE)
    stopped = carried_out(folder, capsys, Control("step"), Control("step D"), Control("step G"), Control("stop"))
    assert [report.state for report in stopped][-1] == "stopped"
    reasons = " ".join(report.reason for report in stopped if report.state == "paused")
    assert "D alone took a step: loss of D" in reasons and "G alone took a step: loss of G" in reasons
    step = stopped[-1].step
    assert step == 1  # the demand that waited during the loading goes before the first step
    gan = load_gan(folder / checkpoint_name(step))
    assert gan.card.step == step and "1 steps of D alone, 1 of G alone" in gan.card.made_with
    assert {HISTORY, STATE} <= {path.name for path in folder.iterdir()}
    done = carried_out(folder, capsys, Control("go"))[-1]
    assert (done.state, done.step, done.kept, done.reason) == ("done", 4, 4, "")
    curves = read_curves((folder / HISTORY).read_bytes())
    assert curves.table[:, 0].tolist() == [1, 2, 3, 4]
    assert load_gan(folder / checkpoint_name(4)).image_shape == RECIPE.data.image_shape


def test_a_step_of_one_network_alone_comes_before_any_step_of_both(tmp_path, capsys):
    keep_in(tmp_path)
    reports = carried_out(run_folder(RECIPE), capsys, Control("step D"), Control("stop"))
    assert [(report.state, report.step) for report in reports if report.state in ("paused", "stopped")] == [
        ("paused", 0),
        ("stopped", 0),
    ]
    assert "D alone took a step" in reports[-1].reason
