"""Images in published formats: each format is read correctly, or refused with a reason before training."""

from contextvars import copy_context
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace
from PIL import Image

from engine.interruption import InterruptedJobError, is_interrupted, set_check
from engine.latent.datasets import own_files as limits
from engine.latent.datasets.folder import Folder
from engine.latent.datasets.npz import NpzFile
from engine.latent.datasets.open_path import files_at
from engine.latent.datasets.own_files import (
    Reading,
    _turn,
    distrust,
    drained,
    is_foreign,
    reading,
    trust,
)
from engine.latent.datasets.preview import looking
from engine.latent.datasets.thumbnail import shrunk
from tests.engine.latent.datasets.test_idx import idx

CASES = Path(__file__).resolve().parents[3] / "data" / "cases"
RNG = np.random.default_rng(4)
GREY = RNG.integers(0, 256, (20, 9, 11), dtype=np.uint8)
Y = np.arange(20) % 3


def opened(name):
    return files_at(CASES / name)


def look(source):
    return drained(looking(source, 4))


def all_of(source):
    """Return all images and the names of their classes."""
    parts = source.train(), source.test()
    names = [parts[0].classes[label] for part in parts for label in part.labels]
    return np.concatenate([part.pixels for part in parts]), names


def archive(tmp_path, **members):
    np.savez(tmp_path / "x.npz", **members)
    limits._kept.clear()
    return NpzFile(str(tmp_path / "x.npz"))


LABELS = {
    "whole numbers": Y + 5,
    "texts": np.array(["five", "six", "seven"])[Y],
    "bytes": np.array([b"five", b"six", b"seven"])[Y],
    "whole floats": (Y + 5.0).astype(np.float32),
    "one-hot rows": np.eye(3)[Y],
    "one-hot whole numbers": np.eye(3, dtype=np.int64)[Y],
    "one-hot truth values": np.eye(3, dtype=bool)[Y],
    "a column": (Y + 5)[:, None],
    "a column of texts": np.array(["five", "six", "seven"])[Y][:, None],
}


@pytest.mark.parametrize("kind", LABELS)
def test_labels_of_every_kind_divide_the_images_alike(tmp_path, kind):
    plain = archive(tmp_path, x=GREY, y=Y)
    pixels, names = all_of(plain)
    expected = {image.tobytes(): name for image, name in zip(pixels, names, strict=True)}
    pixels, names = all_of(archive(tmp_path, x=GREY, y=LABELS[kind]))
    pairs = {(expected[image.tobytes()], name) for image, name in zip(pixels, names, strict=True)}
    assert len(pairs) == 3


@pytest.mark.parametrize("kind", LABELS)
@pytest.mark.parametrize("suffix", ["npz", "npy"])
def test_labels_of_every_kind_may_be_in_a_second_file(tmp_path, kind, suffix):
    np.save(tmp_path / "train-imgs.npy", GREY)
    if suffix == "npz":
        np.savez(tmp_path / "train-labels.npz", arr_0=LABELS[kind])
    else:
        np.save(tmp_path / "train-labels.npy", LABELS[kind])
    source = replace(files_at(tmp_path / "train-imgs.npy"), labels=str(tmp_path / f"train-labels.{suffix}"))
    assert len(source.train().classes) == 3
    (tmp_path / "i.idx").write_bytes(idx(GREY))
    assert len(replace(files_at(tmp_path / "i.idx"), labels=source.labels).train().classes) == 3


def test_texts_are_classes_in_their_natural_order(tmp_path):
    names = np.array([f"class {i}" if i % 2 else str(i) for i in range(20)])
    classes = archive(tmp_path, x=GREY, y=names).train().classes
    assert classes[:4] == ("0", "2", "4", "6") and classes[-1] == "class 9"


@pytest.mark.parametrize(
    "labels",
    [Y + 0.5, np.where(Y == 0, np.nan, Y), np.eye(3)[Y] * 0.5, np.ones((20, 3)), np.array([{}] * 20, object)],
    ids=["fractions", "not a number", "soft rows", "rows of ones", "objects"],
)
def test_labels_that_are_none_are_left_out_and_it_is_said(tmp_path, labels):
    found = look(archive(tmp_path, x=GREY, y=labels))
    assert found.loaded.train.classes == ("unlabelled",)
    assert any(remark.startswith("The array “y” contains") and "no labels" in remark for remark in found.remarks)


@pytest.mark.parametrize(
    ("name", "classes"),
    [
        ("i04_string_classes.npz", 4),
        ("i05_one_hot.npz", 4),
        ("i06_float_classes.npz", 4),
        ("i02_kuz-train-imgs.npz", 4),
        ("i24_fortran_order.npz", 4),
        ("i03_images.npy", 1),
    ],
)
def test_the_published_kinds_have_their_classes(name, classes):
    assert len(opened(name).train().classes) == classes


def test_numbers_as_texts_have_the_names_of_the_numbers():
    assert opened("i04_string_classes.npz").train().classes == ("0", "1", "2", "3")
    assert opened("i06_float_classes.npz").train().classes == ("0", "1", "2", "3")
    assert any("Python objects" in remark for remark in look(opened("i04b_object_classes.npz")).remarks)


def test_an_array_is_read_like_an_archive_of_one(tmp_path):
    np.save(tmp_path / "a.npy", GREY)
    one, other = all_of(files_at(tmp_path / "a.npy")), all_of(archive(tmp_path, x=GREY))
    np.testing.assert_array_equal(one[0], other[0])


def test_column_order_does_not_matter(tmp_path):
    for array in (GREY, GREY / 255):
        one, other = archive(tmp_path, x=array), archive(tmp_path, x=np.asfortranarray(array))
        np.testing.assert_array_equal(all_of(one)[0], all_of(other)[0])


# Dark images


def test_dark_images_are_announced_and_stretched():
    source = opened("i01_values_0_to_16.npz")
    assert (
        look(source).remarks[0] == "The largest value is 14 of 255, so that no pixel counts as ink. Choose “Stretch”."
    )
    stretched = look(replace(source, stretch=True))
    assert stretched.loaded.train.pixels.max() == 255
    assert stretched.remarks == ()


@pytest.mark.parametrize("top", [16, 4095, 65_535, 1.0, 0.01, 3000.5])
def test_whatever_the_largest_value_is_stretched_images_are_the_same(tmp_path, top):
    values = GREY.astype(np.float64) / 255 * top
    values = np.rint(values).astype(np.uint16) if isinstance(top, int) else values
    source = replace(archive(tmp_path, x=values), stretch=True)
    expected = np.rint(values / values.max() * 255)
    found = {image.tobytes() for image in all_of(source)[0]}
    closest = [
        min(np.abs(np.frombuffer(f, np.uint8).reshape(9, 11) - image).max() for f in found) for image in expected
    ]
    assert max(closest) <= 1


def test_values_below_0_are_stretched_too(tmp_path):
    pixels, _ = all_of(replace(archive(tmp_path, x=GREY / 127.5 - 1), stretch=True))
    assert sorted(image.tobytes() for image in pixels) == sorted(image.tobytes() for image in GREY)
    with pytest.raises(ValueError, match=r"the value −1\. .* choose “Stretch”\."):
        opened("i08_minus1_to_1.npz").train()
    assert opened("i07_uint16.npz").stretch is False
    assert replace(opened("i07_uint16.npz"), stretch=True).train().pixels.max() == 255


def test_an_idx_file_and_its_array_are_stretched_alike(tmp_path):
    dark = GREY // 16
    (tmp_path / "i.idx").write_bytes(idx(dark))
    one = all_of(replace(files_at(tmp_path / "i.idx"), stretch=True))[0]
    other = all_of(replace(archive(tmp_path, x=dark), stretch=True))[0]
    np.testing.assert_array_equal(one, other)
    assert one.max() == 255


def test_a_picture_of_twelve_bits_in_sixteen_is_stretched_at_its_full_depth():
    path = CASES / "i12_modes" / "twelve_bits_in_16.png"
    dark = shrunk(path, 64, colour=False, paper="white")
    bright = shrunk(path, 64, colour=False, paper="white", stretch=True)
    deep = np.asarray(Image.open(path)).astype(float)
    assert dark.max() == 15
    assert np.abs(bright - deep * (255 / deep.max())).max() <= 1
    assert len(np.unique(bright)) > 3 * len(np.unique(dark))


def test_some_dark_images_among_others_are_counted(tmp_path):
    some = GREY.copy()
    some[:3] //= 16
    remark = look(archive(tmp_path, x=some, y=Y)).remarks[0]
    assert remark.startswith("3 of 20 images have no pixel above 127.5 of 255")


def test_images_that_are_all_the_same_are_announced():
    assert (
        look(opened("i30b_same_image.npz")).remarks[0]
        == "All images are equal. A model cannot learn anything from them."
    )
    blank = look(opened("i30_constant_images.npz")).remarks  # stretching zeros does not help, and is not advised
    assert blank == ("All images are equal. A model cannot learn anything from them.",)
    assert look(opened("i00_plain.npz")).remarks == ()


def test_ink_and_paper_that_are_exchanged_are_announced():
    assert any("ink" in remark for remark in look(opened("i26_inverted.npz")).remarks)


# Orientation


def test_emnist_stands_upright():
    source = opened("i09_emn-train-images-idx3-ubyte.gz")
    plain = source.train().pixels
    np.testing.assert_array_equal(replace(source, turn="transposed").train().pixels, plain.swapaxes(1, 2))


def test_files_that_are_called_emnist_are_turned_from_the_start(tmp_path):
    (tmp_path / "emnist-letters-train-images-idx3-ubyte").write_bytes(idx(GREY))
    source = files_at(tmp_path / "emnist-letters-train-images-idx3-ubyte")
    assert source.turn == "transposed"
    assert source.train().pixels.shape[1:] == source.image_shape == (11, 9)


TURNS = {
    "as they are": lambda a: a,
    "transposed": lambda a: a.T,
    "turned left": np.rot90,
    "turned right": lambda a: np.rot90(a, -1),
    "turned by 180°": lambda a: np.rot90(a, 2),
    "mirrored": np.fliplr,
}


@pytest.mark.parametrize("turn", TURNS)
@pytest.mark.parametrize("cut", [9, 11], ids=["square", "oblong"])
def test_every_orientation_is_that_of_each_image(tmp_path, turn, cut):
    grey = GREY[:, :, :cut]
    source = replace(archive(tmp_path, x=grey), turn=turn)
    expected = sorted(np.ascontiguousarray(TURNS[turn](image)).tobytes() for image in grey)
    pixels, _ = all_of(source)
    assert sorted(image.tobytes() for image in pixels) == expected
    assert pixels.shape[1:] == source.image_shape


# Folders


def test_train_and_test_folders_are_parts_and_not_classes():
    found = look(replace(opened("i10_split"), size=16))
    train, test = found.loaded.train, found.loaded.test
    assert train.classes == test.classes == ("bar", "ring")
    assert (len(train), len(test)) == (12, 4)
    assert found.remarks[-1] == "The images in “test” are the test images."


@pytest.mark.parametrize(
    ("folders", "train", "test", "classes"),
    [
        (("Train/a", "Train/b", "Test/a", "Test/b"), 6, 6, ("a", "b")),
        (("training/a", "training/b", "testing/a"), 6, 3, ("a", "b")),
        (("train/a", "train/b", "val/a", "val/b"), 6, 6, ("a", "b")),
        (("train/a", "validation/a", "test/a"), 3, 3, ("a",)),
        (("train", "bus", "test"), 9, 0, ("bus", "test", "train")),
        (("train/a", "train/b"), 6, 0, ("a", "b")),
        (("data/train/a", "data/test/b"), 3, 3, ("a", "b")),
        (("pictures/ring", "pictures/bar"), 6, 0, ("bar", "ring")),
        (("a/deep/down", "b"), 6, 0, ("a", "b")),
    ],
)
def test_parts_and_classes_of_a_folder(tmp_path, folders, train, test, classes):
    for i, folder in enumerate(folders):
        (tmp_path / "all" / folder).mkdir(parents=True)
        for j in range(3):
            Image.fromarray(RNG.integers(0, 256, (8, 8), dtype=np.uint8)).save(
                tmp_path / "all" / folder / f"{i}{j}.png"
            )
    loaded = drained(reading(Folder(str(tmp_path / "all"), size=8)))
    assert loaded.train.classes == classes
    if test:
        assert (len(loaded.train), len(loaded.test)) == (train, test)
    else:
        assert len(loaded.train) + len(loaded.test) == train


def test_a_folder_in_a_folder_stands_for_it():
    assert replace(opened("i10b_nested"), size=16).train().classes == ("bar", "ring")


def test_pictures_of_kinds_that_are_not_read_are_listed():
    listed = {line.name: line.reason for line in look(opened("i14_other_kinds")).loaded.unreadable}
    assert sorted(listed) == ["a.heic", "b.svg", "c.avif", "d.tga"]
    assert listed["a.heic"] == "the format HEIC is not supported; save the image as PNG or JPEG"
    with pytest.raises(ValueError, match="format HEIC is not supported"):
        opened("i15_only_heic").train()


# Sources named in files from elsewhere


def test_a_source_that_a_foreign_file_names_is_read_only_after_the_user_agrees(tmp_path):
    source = archive(tmp_path, x=GREY)
    distrust(source)
    assert is_foreign(source)
    with pytest.raises(ValueError, match="only after you agree"):
        source.train()
    trust(source)
    assert len(source.train()) == 18


def test_a_reading_without_end_is_interrupted_when_the_window_closes(tmp_path, monkeypatch):
    read = []

    def listing(_):
        for i in range(10**9):
            read.append(i)
            yield Reading(i, 0)

    def load():
        set_check(lambda: len(read) > 3)
        Folder(str(tmp_path)).train()

    monkeypatch.setattr(Folder, "listing", listing)
    with pytest.raises(InterruptedJobError):
        copy_context().run(load)
    assert read == [0, 1, 2, 3]
    assert not is_interrupted()


def test_a_thread_that_waits_for_another_reading_ends_when_the_window_closes(tmp_path):
    with _turn(), pytest.raises(InterruptedJobError):
        copy_context().run(lambda: (set_check(lambda: True), Folder(str(tmp_path)).train()))
