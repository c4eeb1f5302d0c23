"""Sessions of format 1: every file can be opened, with all its values."""

import json
from pathlib import Path

import msgspec
import pytest

from engine.latent.image.gallery import GallerySettings
from engine.latent.image.reparameterisation import ReparameterisationSettings
from engine.latent.plane.any_resolution import AnyResolutionSettings
from engine.latent.plane.attribute_arithmetic import ArithmeticSettings
from engine.latent.plane.overlays.overlay import OverlaySettings
from engine.latent.plane.plane import PlaneSettings
from engine.latent.plane.samples import PriorSamples
from engine.latent.plane.walk import WalkSettings
from engine.latent.training.training import TrainingSettings
from engine.latent.unboxing.completions import CompletionsSettings
from engine.latent.unboxing.estimating_ln_p_x import EstimatingSettings
from engine.latent.unboxing.generated_images import GeneratedImagesSettings
from engine.latent.unboxing.latent_space import LatentHeatmapSettings
from engine.part import encode_hook
from engine.regression.coverage import CoverageSettings
from engine.regression.data_space import DataSpaceSettings
from engine.regression.display import Display
from engine.regression.gaussian_primer import PrimerPoints
from engine.regression.inference import VariationalSettings
from engine.regression.predictive import PredictiveSettings
from engine.regression.samples import SamplesSettings
from engine.regression.weight_space import HeatmapSettings
from engine.session import FORMAT, decode, encode

FOLDER = Path(__file__).resolve().parent.parent / "data" / "format1"
EXPECTED = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))


def regression(document):
    """A Regression document in format 1, with a value for every field."""
    old = plain(document)
    del old["settings"], old["names"]  # `names` and `show_waiting` are younger than the format
    lines, planes = plain(document[DataSpaceSettings]), plain(document[Display])
    del lines["show_waiting"]
    others = {
        "predictive": document[PredictiveSettings].shows,
        "samples_of": document[SamplesSettings].of,
        "logarithmic": document[HeatmapSettings].logarithmic,
    }
    coverage, primer = plain(document[CoverageSettings]), plain(document[PrimerPoints])["points"]
    return old | {
        "display": lines | planes | others,
        "ways": plain(document[VariationalSettings]) | {"type": "Ways"},
        "coverage": coverage | {"type": "Trials"},
        "primer": primer,
    }


def latent(document):
    """A Latent document in format 1. With a checkpoint, `model` is None, because format 2 does not save it."""
    plane, prior, training = (document[kind] for kind in (PlaneSettings, PriorSamples, TrainingSettings))
    q = document.q and plain(document.q) | {"type": "ByHand"}
    parts = {
        "gallery": ("Gallery", GallerySettings),
        "overlay": ("Overlaid", OverlaySettings),
        "estimating": ("Estimating", EstimatingSettings),
        "generating": ("Generating", GeneratedImagesSettings),
        "walk": ("Walk", WalkSettings),
        "arithmetic": ("Arithmetic", ArithmeticSettings),
        "any_resolution": ("AnyResolution", AnyResolutionSettings),
        "completing": ("Completing", CompletionsSettings),
    }
    return {
        "type": "Latent",
        "trained": document.trained and plain(document.trained),
        "model": None if document.trained else document.model,
        "recipe": plain(training.recipe),
        "beside": training.with_autoencoder,
        "subject": plain(document.input),
        "chart": plain(document.chart),
        "show_digits": plane.show_test_images,
        "hidden": list(plane.hidden),
        "samples": prior.count,
        "seed": prior.seed,
        "pins": plain(document)["pins"],
        "trick": plain(document[ReparameterisationSettings]) | {"type": "Reparameterisation", "q": q},
        "observation": plain(document.observation),
        "scale": document[LatentHeatmapSettings].scale,
        "unseen": document.waiting,
        **{old: plain(document[kind]) | {"type": name} for old, (name, kind) in parts.items()},
    }


LATER = {  # fields that format 1 did not have
    *("origin", "turn", "stretch", "labels", "keep", "turn_range"),
    *("kl_start", "mistake", "second_axis", "rotation", "mirror", "differences", "given", "given_class"),
    *("gan", "decoder", "latents", "temperatures", "grid", "teacher"),
}
IN_FORMAT_1 = {"Regression": regression, "Latent": latent}  # kind of document -> function to format 1
FILES = sorted(name for name, expected in EXPECTED.items() if expected["kind"] in IN_FORMAT_1)


def plain(part):
    """A part as plain JSON."""
    return msgspec.json.decode(msgspec.json.encode(part, enc_hook=encode_hook))


def opened(name):
    """The session in a file."""
    return decode((FOLDER / name).read_bytes())


def values(plain, path=""):
    """The leaves of plain JSON, by dotted path. An empty list is a leaf."""
    inner = plain.items() if isinstance(plain, dict) else enumerate(plain) if isinstance(plain, list) else ()
    leaves = {}
    for key, value in inner:
        leaves |= values(value, f"{path}.{key}" if path else str(key))
    return leaves or {path: plain}


def test_every_file_has_expected_values():
    assert sorted(EXPECTED) == sorted(path.name for path in FOLDER.glob("*.json") if path.name != "expected.json")


@pytest.mark.parametrize("name", FILES)
def test_a_file_gives_all_its_values(name):
    session, expected = opened(name), EXPECTED[name]
    assert type(session.document).__name__ == expected["kind"]
    assert [session.title, session.label, session.note] == [expected["title"], expected["label"], expected["note"]]
    read, saved = values(IN_FORMAT_1[expected["kind"]](session.document)), dict(expected["values"])
    if read.get("model", "") is None:  # a checkpoint replaces the model
        read["model"] = saved["model"]
    added = {path for path in read if (path not in saved and path.rsplit(".", 1)[-1] in LATER) or ".gan." in path}
    assert {path: value for path, value in read.items() if path not in added} == saved


@pytest.mark.parametrize("name", FILES)
def test_a_session_that_is_saved_again_is_equal(name):
    session = opened(name)
    assert decode(encode(session)) == session


@pytest.mark.parametrize("name", FILES)
def test_a_session_is_saved_in_the_present_format_without_default_values(name):
    session = opened(name)
    saved = json.loads(encode(session))
    assert saved["bayescape"] == FORMAT
    assert all(len(setting) > 1 for setting in saved["document"].get("settings", []))  # more than its type


@pytest.mark.parametrize(
    "wrong", [{"display": [1]}, {"display": {"elephant": 1}}, {"ways": 3}, {"primer": 7}, {"coverage": {"repeats": 0}}]
)
def test_values_outside_format_1_are_refused_in_one_sentence(wrong):
    with pytest.raises(ValueError, match="not a session of this program") as caught:
        decode(json.dumps({"document": {"type": "Regression"} | wrong, "bayescape": 1}).encode())
    assert "\n" not in str(caught.value)


def test_one_file_has_windows_line_ends():
    content = (FOLDER / "crlf.json").read_bytes()
    assert content.count(b"\r\n") == content.count(b"\n") > 0
