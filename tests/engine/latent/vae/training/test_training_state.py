"""Training states: a saved and resumed training equals an uninterrupted one, and damaged states are refused."""

import json
import struct

import pytest
import torch
from msgspec.structs import replace
from safetensors.torch import load, save

from engine import files
from engine.latent.datasets.data_set import DATASETS
from engine.latent.model_source import model_path
from engine.latent.vae.networks import checkpoint
from engine.latent.vae.recipe import Jitter
from engine.latent.vae.training.training import Training, load_state, save_state
from tests.engine.latent.vae import bars

SMALL = replace(bars.SMALL, epochs=3, input_dropout=0.1, jitter=Jitter(shift=0.5, turn=3, fade=0.5))


@pytest.fixture(autouse=True)
def known(monkeypatch):
    monkeypatch.setitem(DATASETS.members, "Bars", bars.Bars)
    torch.set_num_threads(1)


def begun(recipe, steps):
    training = Training(recipe, recipe.data.train(), recipe.data.test())
    reports = iter(training)
    return training, [next(reports) for _ in range(steps)]


def timeless(reports):
    return [replace(report, seconds=0.0) for report in reports]


def differing(one, other):
    """Return the names of the tensors that differ between two states; only the elapsed time may differ."""
    one.tensors["epochs"][:, 5] = other.tensors["epochs"][:, 5] = 0
    assert set(one.tensors) == set(other.tensors)
    return [name for name in one.tensors if not torch.equal(one.tensors[name], other.tensors[name])]


@pytest.mark.slow
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
@pytest.mark.parametrize("steps", [0, 1, 12, 17, 35, 36])
def test_to_stop_save_load_and_go_on_is_not_to_have_stopped(tmp_path, precision, steps):
    recipe = replace(SMALL, precision=precision)
    whole, reports = begun(recipe, 36)
    first, _ = begun(recipe, steps)
    save_state(tmp_path / "state.safetensors", first)
    second = load_state(tmp_path / "state.safetensors")
    assert timeless(second) == timeless(reports[steps:])
    assert not differing(second.state(), whole.state())
    assert second.history.points == whole.history.points
    assert timeless(second.history.epochs) == timeless(whole.history.epochs)


@pytest.mark.slow
def test_a_state_is_a_copy_that_going_on_does_not_change():
    training, _ = begun(SMALL, 5)
    state = training.state()
    kept = {name: tensor.clone() for name, tensor in state.tensors.items()}
    list(training)
    assert all(torch.equal(kept[name], state.tensors[name]) for name in kept)
    assert state.position.step == 5


@pytest.mark.slow
def test_training_goes_on_to_more_epochs_at_their_learning_rate(tmp_path):
    training, _ = begun(SMALL, 36)
    save_state(tmp_path / "state.safetensors", training)
    longer = load_state(tmp_path / "state.safetensors", epochs=5)
    reports = list(longer)
    assert [report.step for report in reports] == list(range(37, 61))
    assert [report.epoch for report in reports] == [3] * 12 + [4] * 12
    assert longer.recipe == replace(SMALL, epochs=5)
    assert longer.remarks == ("epochs raised from 3 to 5 at step 36",)
    from_the_start, _ = begun(replace(SMALL, epochs=5), 60)
    rates = [t.optimiser.param_groups[0]["lr"] for t in (longer, from_the_start)]
    assert rates[0] == rates[1]


@pytest.mark.slow
def test_training_does_not_go_back_to_fewer_epochs(tmp_path):
    training, _ = begun(SMALL, 25)
    save_state(tmp_path / "state.safetensors", training)
    with pytest.raises(ValueError, match=r"2 epochs are done\."):
        load_state(tmp_path / "state.safetensors", epochs=2)


@pytest.mark.slow
def test_training_does_not_go_on_with_other_images(tmp_path):
    training, _ = begun(SMALL, 2)
    save_state(tmp_path / "state.safetensors", training)
    images = SMALL.data.train()
    other = images.pixels.copy()
    other[0, 0, 0] ^= 1
    with pytest.raises(ValueError, match="have changed since"):
        load_state(tmp_path / "state.safetensors", replace(images, pixels=other))


@pytest.fixture
def saved(tmp_path):
    path = tmp_path / "small.safetensors"
    save_state(path, begun(SMALL, 14)[0])
    return path


@pytest.mark.slow
def test_a_state_that_cannot_be_written_leaves_the_old_one(saved, monkeypatch):
    before = saved.read_bytes()

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        save_state(saved, begun(SMALL, 1)[0])
    assert saved.read_bytes() == before
    assert list(saved.parent.iterdir()) == [saved]


@pytest.mark.slow
def test_every_flipped_byte_is_noticed(saved):
    sound = saved.read_bytes()
    for place in range(8, len(sound), len(sound) // 60):
        damaged = bytearray(sound)
        damaged[place] ^= 4
        saved.write_bytes(damaged)
        with pytest.raises(ValueError, match=r"^small\.safetensors") as caught:
            load_state(saved)
        assert "\n" not in str(caught.value)


def resealed(path, change):
    """Return the file after `change` to its position and tensors, with a correct checksum."""
    content = path.read_bytes()
    size = struct.unpack("<Q", content[:8])[0]
    place = json.loads(json.loads(content[8 : 8 + size])["__metadata__"]["state"])
    tensors = load(content)
    change(place, tensors)
    text = json.dumps(place)
    path.write_bytes(save(tensors, {"state": text, "sha256": checkpoint._digest(text, tensors)}))


def put(name, value):
    return lambda _, tensors: tensors.update({name: value})


def damage(name, number):
    return lambda _, tensors: tensors[name].reshape(-1)[:1].fill_(number)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda _, tensors: tensors.pop("weights.decoder.out.bias"), "layers of its architecture"),
        (lambda _, tensors: tensors.pop("exp_avg.decoder.out.bias"), "layers of its architecture"),
        (put("weights.decoder.out.bias", torch.zeros(7)), "in the shape"),
        (put("averaged.decoder.out.bias", torch.zeros(36).half()), "in the shape"),
        (put("order", torch.arange(599, dtype=torch.int32)), "in the shape"),
        (put("order", torch.zeros(600, dtype=torch.int32)), "order"),
        (put("order", torch.empty(0, dtype=torch.int32)), "order"),
        (damage("order", 600), "order"),
        (put("generator", torch.zeros(5, dtype=torch.uint8)), "in the shape"),
        (put("generator", torch.zeros(5056, dtype=torch.uint8)), "random generator"),
        (put("curve", torch.zeros(3, dtype=torch.float64)), "in the shape"),
        (put("curve", torch.full((1, 3), float("nan"), dtype=torch.float64)), "not finite"),
        (damage("epochs", float("nan")), "not finite"),
        (damage("epochs", 0.5), "no steps of this training"),
        (damage("epochs", 1e6), "no steps of this training"),
        (put("curve", torch.ones((2, 3), dtype=torch.float64)), "no steps of this training"),
        (damage("weights.decoder.out.bias", float("nan")), "not finite"),
        (damage("exp_avg.decoder.out.bias", float("inf")), "not finite"),
        (damage("exp_avg_sq.decoder.out.bias", -1.0), "less than 0"),
        (damage("step.decoder.out.bias", -1.0), "less than 0"),
        (lambda position, _: position.update(step=37), "epochs are done"),
        (lambda position, _: position.update(step=-1), "cannot read"),
        (lambda position, _: position.update(shape=[600, 6, 7]), "have changed since"),
        (lambda position, _: position.update(stride=0), "cannot read"),
        (lambda position, _: position.update(sums=[None, 0.0]), "cannot read"),
        (lambda position, _: position.update(more=1), "cannot read"),
        (lambda position, _: position["recipe"].update(batch=0), "cannot read"),
        (lambda position, _: position["recipe"].update(data={"type": "Nowhere"}), "cannot read"),
        (lambda position, _: position["recipe"]["architecture"].update(decoder_width=16), "in the shape"),
    ],
)
def test_a_state_that_is_whole_but_wrong_is_refused(saved, change, reason):
    resealed(saved, change)
    with pytest.raises(ValueError, match=reason) as caught:
        load_state(saved)
    assert str(caught.value).startswith("small.safetensors")


@pytest.mark.slow
def test_a_model_is_no_state(saved):
    with pytest.raises(ValueError, match="not a training to continue"):
        load_state(model_path("mnist"))
    with pytest.raises(ValueError, match="not a model"):
        checkpoint.load_model(str(saved))
