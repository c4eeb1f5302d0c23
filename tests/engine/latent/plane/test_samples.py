"""Samples, pins and test images on the plane, and the identity of values that an edit does not change."""

import numpy as np
from msgspec.structs import replace

from engine.latent.charts import EqualProbability
from engine.latent.document import Latent
from engine.latent.inputs.input import FromData
from engine.latent.plane import plane
from engine.latent.plane.overlays.decoder_sensitivity import DecoderSensitivity
from engine.latent.plane.overlays.overlay import Nothing, OverlaySettings, with_overlay
from engine.latent.plane.pinned import pinned
from engine.latent.plane.samples import AT_ONCE, PriorSamples, draw_samples, samples, without_marks

PINS = ((1, -2), (0.5, 0.25))  # integers as well


def test_new_samples_are_drawn_and_removed_together_with_the_pins():
    first = draw_samples(replace(Latent(), pins=PINS))
    second = draw_samples(first)
    assert len(samples(first).z) == AT_ONCE
    assert not np.array_equal(samples(first).z, samples(second).z)
    cleared = without_marks(second)
    assert not cleared.pins
    assert not len(samples(cleared).z)
    assert cleared[PriorSamples].seed == second[PriorSamples].seed


def test_pins_and_samples_are_decoded_at_their_latents():
    for chart in (Latent().chart, EqualProbability()):
        document = draw_samples(replace(Latent(), pins=PINS, chart=chart))
        for found, z in ((pinned(document), np.array(PINS)), (samples(document), document[PriorSamples].z)):
            np.testing.assert_array_equal(found.z, z)
            np.testing.assert_array_equal(found.places, chart.to_place(z))
            np.testing.assert_array_equal(found.ink, document.loaded_model.decode(z))


def test_an_edit_that_does_not_change_a_value_keeps_the_same_object():
    """A panel does not draw an identical object again."""
    document = draw_samples(replace(Latent(), pins=PINS))
    other = document.with_input(FromData(3))
    for key in (pinned, samples, plane.test_image_places):
        assert key(document) is key(other)
        assert key(document) is not key(document.with_chart(EqualProbability()))


def test_a_class_is_hidden_and_shown_again():
    hidden = plane.PlaneSettings().toggle(7).toggle(3)
    assert hidden.hidden == (3, 7)
    assert hidden.toggle(7).toggle(3) == plane.PlaneSettings()


def test_another_overlay_keeps_the_opacity():
    document = Latent(settings=(OverlaySettings(opacity=0.3),))
    chosen = with_overlay(document, DecoderSensitivity())[OverlaySettings]
    assert (chosen.kind, chosen.opacity) == (DecoderSensitivity(), 0.3)
    assert with_overlay(with_overlay(document, DecoderSensitivity()), Nothing()) == document
