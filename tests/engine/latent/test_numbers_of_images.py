"""Numbers of data sets, encoded images and the plane against fractions, mpmath and loops, at values of hypothesis."""

import struct
import zipfile
from fractions import Fraction
from types import SimpleNamespace

import mpmath as mp
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from engine.latent.charts import EqualProbability, Linear
from engine.latent.datasets.canvas import Window
from engine.latent.datasets.idx_format import reading_idx
from engine.latent.datasets.labels import in_order, labelled, plain_labels
from engine.latent.datasets.npy import arrays_in
from engine.latent.datasets.own_pixels import stretched, turned, turned_shape
from engine.latent.datasets.pairs import by_night, in_grey
from engine.latent.document import Latent, image_mean
from engine.latent.image.encoded_image import distances
from engine.latent.inputs.input import Blank, FromData
from engine.latent.model import Embedding
from engine.latent.observations.full import Full
from engine.latent.observations.observation import pixels_under
from engine.latent.plane.cell_grid import Grid
from engine.latent.plane.classes import label_of
from engine.latent.plane.overlays.class_leak import FEWEST, highest
from engine.latent.plane.overlays.overlay import CALIBRATION, LEAST, calibration, supported
from engine.latent.plane.overlays.reconstruction_error import losses_of
from engine.latent.unboxing.bracket import encoders_q
from engine.latent.vae.likelihoods import Bernoulli
from tests.engine.latent.vae import bars
from tests.engine.latent.vae.tiny import tiny

FEW = settings(max_examples=12)
BYTES = st.lists(st.integers(0, 255), min_size=3, max_size=3)


def test_classes_are_in_the_order_of_their_numbers_and_then_of_their_words():
    names = ["10", "2", "b", "a", "٣", "1" * 100, "0"]
    assert sorted(names, key=in_order) == ["0", "2", "10", "1" * 100, "a", "b", "٣"]


def test_labels_are_the_places_of_their_classes_in_that_order():
    labels, classes = labelled("file", np.array(["10", "b", "2", "10"]), 4)
    assert (labels.tolist(), classes) == ([1, 2, 0, 1], ("2", "10", "b"))
    labels, classes = labelled("file", np.array([7, -1, 7]), 3)
    assert (labels.tolist(), classes) == ([1, 0, 1], ("−1", "7"))
    labels, classes = labelled("file", None, 2)
    assert (labels.tolist(), classes) == ([0, 0], ("unlabelled",))
    with pytest.raises(ValueError, match="contains 3 labels for 2 images"):
        labelled("file", np.arange(3), 2)


@pytest.mark.parametrize(
    ("values", "right"),
    [
        (np.array([3.0, -1.0]), [3, -1]),
        (np.array([[2.0], [5.0]]), [2, 5]),
        (np.array([[0, 1, 0], [1, 0, 0]]), [1, 0]),
        (np.array(["a", "b"]), ["a", "b"]),
        (np.array([0.5, 1.0]), None),
        (np.array([np.nan, 1.0]), None),
        (np.array([2.0**53]), None),  # not every larger whole number is a floating-point number
        (np.array([[0, 1, 1], [1, 0, 0]]), None),
        (np.array([[0, 2, 0], [1, 0, 0]]), None),
    ],
)
def test_labels_in_all_their_forms(values, right):
    found = plain_labels(values)
    assert found is None if right is None else found.tolist() == right


def test_the_arrays_of_a_file_and_of_an_archive(tmp_path):
    images, labels = np.arange(24).reshape(2, 3, 4), np.array([5, 7])
    np.save(tmp_path / "one.npy", images)
    np.savez(tmp_path / "two.npz", x=images, y=labels)
    with arrays_in(tmp_path / "one.npy") as (one,):
        assert one.values().tolist() == images.tolist()
    with arrays_in(tmp_path / "two.npz") as both:
        assert {array.name: array.values().tolist() for array in both} == {"x": images.tolist(), "y": [5, 7]}
    with zipfile.ZipFile(tmp_path / "none.npz", "w") as archive:
        archive.writestr("words.txt", "no array")
    with arrays_in(tmp_path / "none.npz") as none:
        assert none == []


@pytest.mark.parametrize(
    ("turn", "place"),
    [
        ("as they are", lambda i, j: (i, j)),
        ("transposed", lambda i, j: (j, i)),
        ("turned left", lambda i, j: (j, 4 - 1 - i)),
        ("turned right", lambda i, j: (3 - 1 - j, i)),
        ("turned by 180°", lambda i, j: (3 - 1 - i, 4 - 1 - j)),
    ],
)
@pytest.mark.parametrize("channels", [(), (3,)])
def test_the_shape_of_a_turned_image_and_its_pixels(turn, place, channels):
    pixels = np.arange(2 * 3 * 4 * (3 if channels else 1), dtype=np.uint8).reshape(2, 3, 4, *channels)
    before = pixels.copy()
    after = turned(pixels, turn)
    assert after.shape[1:] == turned_shape((3, 4, *channels), turn)
    for i in range(after.shape[1]):
        for j in range(after.shape[2]):
            down, across = place(i, j)
            assert np.array_equal(after[:, i, j], before[:, down, across])


@FEW
@given(st.lists(st.integers(0, 255), min_size=1, max_size=9))
def test_stretched_values_by_fractions(values):
    """Each value times 255 / the largest, rounded."""
    found = stretched(np.array(values, np.uint8).reshape(1, 1, -1)).reshape(-1).tolist()
    right = [Fraction(value * 255, max(values) or 1) for value in values]
    assert all(abs(a - b) <= Fraction(1, 2) for a, b in zip(found, right, strict=True))


def test_the_array_of_an_idx_file_is_read_in_steps(tmp_path):
    """A file with its head, as LeCun's page of MNIST describes it, byte by byte."""
    path, content = tmp_path / "a-idx3-ubyte", bytes(range(24))
    path.write_bytes(struct.pack(">HBBIII", 0, 8, 3, 2, 3, 4) + content)
    shapes, steps = [], reading_idx(path, lambda _, shape: shapes.append(shape))
    try:
        while True:
            next(steps)
    except StopIteration as end:
        array = end.value
    assert shapes == [(2, 3, 4)] and array.shape == (2, 3, 4) and array.tobytes() == content


@FEW
@given(st.floats(-2, 2), st.floats(-2, 2), st.floats(0.5, 2), st.floats(0.5, 2))
def test_the_distance_from_an_ellipse_to_first_order(x, y, a, b):
    """(r − 1) / ‖∇r‖ with r = √((x/a)² + (y/b)²), and the gradient as a difference quotient of mpmath."""

    def radius(u, v):
        return mp.sqrt((u / mp.mpf(a)) ** 2 + (v / mp.mpf(b)) ** 2)

    middles = np.array([x, y], np.float32).astype(float)
    if radius(*middles) < 0.05:
        return
    canvas = SimpleNamespace(pixel=0.1, light=np.zeros((1, 1, 2, 2)), middles=middles)
    found = Window(canvas, rows=slice(1, 2), columns=slice(0, 1)).from_ellipse(0.0, 0.0, a, b)
    slope = mp.sqrt(mp.diff(radius, tuple(middles), (1, 0)) ** 2 + mp.diff(radius, tuple(middles), (0, 1)) ** 2)
    assert found.reshape(-1) == pytest.approx([float((radius(*middles) - 1) / slope)], rel=1e-2, abs=1e-3)


@pytest.mark.parametrize("shape", [(3, 4), (3, 4, 3)])
def test_the_pixels_under_a_mask_in_all_channels(shape):
    x, mask = np.random.default_rng(0).random(shape), np.zeros((3, 4), bool)
    mask[0, 1] = mask[2, 3] = True
    found, count = pixels_under(x, mask), 3 if len(shape) == 3 else 1
    index = [place * count + channel for place in (1, 11) for channel in range(count)]
    assert (found.index.tolist(), found.values.tolist()) == (index, x.reshape(-1)[index].tolist())


@FEW
@given(BYTES)
def test_the_colours_by_night_and_in_grey_by_fractions(colour):
    pixels = np.array(colour, np.uint8).reshape(1, 1, 1, 3)
    night = [Fraction(value) * factor / 100 for value, factor in zip(colour, (30, 36, 55), strict=True)]
    grey = sum(Fraction(value) * weight / 1000 for value, weight in zip(colour, (299, 587, 114), strict=True))
    assert all(abs(Fraction(int(a)) - b) <= Fraction(1, 2) for a, b in zip(by_night(pixels).flat, night, strict=True))
    found = in_grey(pixels).reshape(3)
    assert len(set(found.tolist())) == 1 and abs(Fraction(int(found[0])) - grey) <= Fraction(501, 1000)


@FEW
@given(st.floats(0.001, 0.999), st.floats(0.001, 0.999))
def test_the_latent_at_a_position_of_each_chart(across, up):
    assert Latent(chart=Linear()).latent_at(across, up) == (across, up)
    with mp.workdps(25):
        right = [float(mp.sqrt(2) * mp.erfinv(2 * mp.mpf(u) - 1)) for u in (across, up)]
    assert Latent(chart=EqualProbability()).latent_at(across, up) == pytest.approx(right, rel=1e-9, abs=1e-12)
    with pytest.raises(ValueError, match="have no latent"):
        Latent(chart=EqualProbability()).latent_at(across, 1.5)


@FEW
@given(st.lists(st.lists(st.integers(-9, 9), min_size=3, max_size=3), min_size=1, max_size=4), st.sampled_from([2, 3]))
def test_the_distances_of_encoder_means(rows, d):
    mean, z = np.array(rows, float)[:, :d], np.array([1.0, -2.0, 3.0])[:d]
    squares = [sum(Fraction(a - b) ** 2 for a, b in zip(row[:d], z.tolist(), strict=True)) for row in rows]
    assert distances(mean, z) == pytest.approx([float(mp.sqrt(float(square))) for square in squares], rel=1e-14)


def test_the_calibration_has_equal_steps_of_prior_probability():
    across, up = calibration()
    with mp.workdps(20):
        right = [float(mp.sqrt(2) * mp.erfinv(2 * (mp.mpf(n) + 0.5) / CALIBRATION - 1)) for n in range(CALIBRATION)]
    assert across == pytest.approx(right, abs=1e-12) and up == pytest.approx(right, abs=1e-12)


@FEW
@given(st.lists(st.tuples(st.integers(-4, 4), st.integers(-4, 4), st.integers(-9, 9)), min_size=1, max_size=5))
def test_a_smoothed_value_is_there_where_enough_images_are_near(images):
    mean, values = np.array(images, float)[:, :2] / 2, np.array(images, float)[:, 2:]
    across, up, width = np.array([-1.0, 0.25, 2.0]), np.array([0.0, 1.5]), 0.4
    found = supported(mean, values, across, up, width=width)
    assert found.shape == (1, 2, 3)
    for i, y in enumerate(up.tolist()):
        for j, x in enumerate(across.tolist()):
            kernels = [mp.exp(-((x - a) ** 2 + (y - b) ** 2) / (2 * mp.mpf(width) ** 2)) for a, b in mean.tolist()]
            weight = mp.fsum(kernels)
            if abs(weight - LEAST) < 1e-9:
                continue
            right = mp.fsum(k * v for k, (v,) in zip(kernels, values.tolist(), strict=True)) / weight
            if weight < LEAST:
                assert np.isnan(found[0, i, j])
            else:
                assert found[0, i, j] == pytest.approx(float(right), rel=1e-9, abs=1e-9)


def test_the_highest_probability_of_a_class_in_each_cell():
    """Each class has in a cell the mass Σ Π (Φ(b) − Φ(a)) of its images, by mpmath."""
    mean, labels = np.array([[0.2, 0.1], [0.7, 0.4], [-0.3, 0.0]]), np.array([0, 1, 1], np.uint8)
    embedding = Embedding(mean, np.full((3, 2), 0.3), labels, ("a", "b", "none"))
    grid = Grid(Linear(), -4, -1, 1, 0, 1)  # cells of 1/16
    steps = highest(embedding, grid, 0.4)
    try:
        while True:
            next(steps)
    except StopIteration as end:
        found = end.value
    across, up = grid.edges
    assert found.shape == (len(up) - 1, len(across) - 1)

    def mass(i, row, column):
        sides = ((across[column], across[column + 1], mean[i, 0]), (up[row], up[row + 1], mean[i, 1]))
        return mp.fprod(mp.ncdf(b, m, 0.5) - mp.ncdf(a, m, 0.5) for a, b, m in sides)

    for row, column in ((0, 3), (9, 20), (15, 31)):
        masses = [mp.fsum(mass(i, row, column) for i in range(3) if labels[i] == y) for y in (0, 1)]
        is_shown = sum(masses) * 16**2 >= FEWEST
        right = float(max(masses) / sum(masses))
        assert found[row, column] == pytest.approx(right, rel=1e-9) if is_shown else np.isnan(found[row, column])
    assert np.isnan(found).any() and not np.isnan(found).all()


BARS = tiny(Bernoulli(), shape=(6, 6), data=bars.Bars())


def test_the_losses_of_an_overlay_are_those_of_each_test_image_at_its_mean():
    """−Σ ln Bernoulli(x | σ(η)) by mpmath."""
    mean = np.array([[0.5, -1.0], [0.0, 0.25]])
    steps = losses_of(BARS, mean)
    try:
        while True:
            next(steps)
    except StopIteration as end:
        found = end.value
    with torch.no_grad():
        logits = BARS.networks.decoder(torch.tensor(mean).float()).tolist()
    for loss, row, pixels in zip(found.tolist(), logits, bars.drawn(120, 1).pixels, strict=False):
        ink = (pixels.reshape(-1) > 127).tolist()
        right = mp.fsum(mp.log1p(mp.exp(-eta if bit else eta)) for eta, bit in zip(row, ink, strict=True))
        assert loss == pytest.approx(float(right), rel=1e-4)
    assert len(found) == 2


def test_the_encoders_q_before_and_after_the_measurements():
    """The prior before the first measurement; then that of the picture of the measured pixels."""
    image = bars.drawn(120, 1).pixels[0] / np.float32(255)
    seen = Full().measure(image)
    model = type("Model", (), {"latents": 2, "vae": BARS})
    mean, deviation = encoders_q(model, seen, 0)
    assert (mean.tolist(), deviation.tolist()) == ([0, 0], [1, 1])
    mean, deviation = encoders_q(model, seen, 1)
    with torch.no_grad():
        exact, log_variance = BARS.networks.encoder(torch.tensor(image).reshape(1, -1))
    assert mean == pytest.approx(exact[0].numpy(), abs=1e-6)
    assert deviation == pytest.approx([float(mp.exp(mp.mpf(s) / 2)) for s in log_variance[0].tolist()], rel=1e-6)


def test_the_mean_and_the_label_of_the_selected_image():
    document = Latent().with_input(FromData(index=3))
    data = document.loaded_model.vae.card.recipe.data
    assert label_of(document) == int(data.test().labels[3])
    assert label_of(replace(document, input=FromData(index=3, held_out=False))) == int(data.train().labels[3])
    assert label_of(Latent(input=Blank())) is None and image_mean(document) is None
    at_image = replace(document, slice=replace(document.slice, at_image=True))
    pixels = torch.tensor(data.test().pixels[3] > 127).float().reshape(1, -1)  # the model has binary pixels
    with torch.no_grad():
        exact = document.whole_model.vae.networks.encoder(pixels)[0][0].numpy()
    assert image_mean(at_image) == pytest.approx(exact, abs=1e-4)
    assert image_mean(replace(at_image, input=Blank())) is None
