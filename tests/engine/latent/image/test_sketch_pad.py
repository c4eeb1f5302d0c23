"""The sketch pad: the pen is a setting, and only a sketch has an input to show."""

from typing import get_args

import numpy as np

from engine.latent.document import Latent
from engine.latent.image.encoding import encoded
from engine.latent.image.sketch_pad import SketchPadSettings, Width, sketch_input, toggle_eraser
from engine.latent.inputs.input import FromData
from engine.latent.inputs.sketch import Sketch
from engine.latent.inputs.stroke import WIDTHS

SKETCH = Sketch().begin((0.3, 0.3, 0.5), 0.08).go_on((0.7, 0.7, 0.5))


def test_a_pen_has_the_widths_of_strokes():
    assert get_args(Width) == tuple(WIDTHS)


def test_the_eraser_is_toggled():
    erasing = toggle_eraser(Latent())
    assert erasing[SketchPadSettings].eraser
    assert toggle_eraser(erasing) == Latent()


def test_the_input_equals_the_encoded_image():
    document = Latent().with_input(SKETCH)
    found = sketch_input(document)
    np.testing.assert_array_equal(found.ink, encoded(document).ink)
    assert (found.shape, found.light) == ((28, 28), False)


def test_other_images_have_no_sketch_input():
    assert sketch_input(Latent()).ink is None
    assert sketch_input(Latent().with_input(FromData(3))).ink is None
