"""NumPy archives and IDX files of images: supported files are read exactly, others are refused with one sentence."""

import gzip
import io
import struct
import tracemalloc
import warnings
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from engine.latent.datasets import own_files as limits
from engine.latent.datasets.idx import IdxFiles
from engine.latent.datasets.npz import NpzFile
from tests.engine.latent.datasets.test_idx import idx

RNG = np.random.default_rng(2)
GREY = RNG.integers(0, 256, (20, 9, 11), dtype=np.uint8)
LABELS = np.arange(20) % 3


@pytest.fixture
def archive(tmp_path):
    def make(name="x.npz", *, save=np.savez, **members):
        save(tmp_path / name, **members)
        return NpzFile(str(tmp_path / name))

    return make


def together(data):
    """Return the training and test images together, in sorted order."""
    return sorted(image.tobytes() for part in (data.train(), data.test()) for image in part.pixels)


def same(data, pixels):
    assert together(data) == sorted(image.tobytes() for image in np.ascontiguousarray(pixels))


@pytest.mark.parametrize(
    "given",
    [
        GREY,
        GREY[..., None],
        GREY[:, None],
        GREY.astype(np.int64),
        GREY.astype(">u2"),
        GREY.astype(np.float64),
        GREY.astype(np.float16),
        GREY / np.float32(255),
        GREY / 255,
        (GREY / 255).astype(">f4"),
    ],
    ids=lambda array: f"{array.dtype.str} {array.shape}",
)
def test_grey_images_of_many_kinds_are_the_same_bytes(archive, given):
    data = archive(x=given)
    same(data, GREY)
    assert data.image_shape == (9, 11)
    assert data.train().classes == ("unlabelled",)


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_rows_of_pixels_are_squares(archive, save):
    square = GREY[:, :, :9]
    same(archive(save=save, x=square.reshape(20, 81), y=LABELS), square)


def test_zeros_and_ones_are_black_and_white(archive):
    for ones in (GREY > 127, (GREY > 127).astype(np.uint8), (GREY > 127) * 1.0):
        same(archive(x=ones), np.where(GREY > 127, np.uint8(255), np.uint8(0)))


def test_colours_come_first_or_last(archive):
    colour = RNG.integers(0, 256, (20, 9, 11, 3), dtype=np.uint8)
    same(archive(x=colour), colour)
    data = archive(name="first.npz", x=np.ascontiguousarray(np.moveaxis(colour, 3, 1)) / 255)
    same(data, colour)
    assert data.image_shape == data.train().pixels.shape[1:] == (9, 11, 3)


@pytest.mark.parametrize(
    "names",
    [
        ("x_train", "y_train", "x_test", "y_test"),
        ("train_images", "train_labels", "test_images", "test_labels"),
        ("X_train", "target_train", "X_test", "target_test"),
    ],
)
def test_an_archive_may_have_a_test_part_of_its_own(archive, names):
    test, more = GREY[:7] ^ 255, np.array([9, 0, 2, 1, 0, 0, 0])
    other = {"val_images": GREY[:3], "val_labels": LABELS[:3], "notes": np.array(["a", "b"])}
    data = archive(**dict(zip(names, (GREY, LABELS, test, more), strict=True)), **other)
    np.testing.assert_array_equal(data.train().pixels, GREY)
    np.testing.assert_array_equal(data.test().pixels, test)
    assert data.train().classes == data.test().classes == ("0", "1", "2", "9")
    assert [data.test().classes[i] for i in data.test().labels] == list("9021000")
    assert [data.train().classes[i] for i in data.train().labels] == [str(i) for i in LABELS]


def test_a_test_part_without_labels_is_not_used(archive):
    data = archive(x_train=GREY, y_train=LABELS, x_test=GREY[:3])
    assert (len(data.train()), len(data.test())) == (18, 2)
    assert data.train().classes == ("0", "1", "2")


def test_labels_without_a_name_are_told_by_their_length(archive):
    data = archive(arr_0=GREY, arr_1=-LABELS[:, None], scale=np.arange(3))
    assert data.train().classes == ("−2", "−1", "0")


def pickled(tmp_path):
    """Return an archive whose array would run a program if it were unpickled."""
    content = b"cos\nsystem\n(S'touch PWNED'\ntR."
    head = io.BytesIO()
    np.lib.format.write_array_header_1_0(head, {"descr": "|O", "fortran_order": False, "shape": (20, 9, 11)})
    with zipfile.ZipFile(tmp_path / "x.npz", "w") as file:
        file.writestr("x.npy", head.getvalue() + content)


def headed(tmp_path, shape, size=0, kind="|u1"):
    """Return an archive whose header states a shape, followed by the given number of bytes."""
    head = io.BytesIO()
    np.lib.format.write_array_header_1_0(head, {"descr": kind, "fortran_order": False, "shape": shape})
    with zipfile.ZipFile(tmp_path / "x.npz", "w", zipfile.ZIP_DEFLATED) as file, file.open("x.npy", "w") as member:
        member.write(head.getvalue())
        for _ in range(size >> 20):
            member.write(bytes(2**20))


def saved(tmp_path, **members):
    np.savez(tmp_path / "x.npz", **members)


def written(tmp_path, content):
    (tmp_path / "x.npz").write_bytes(content)


def many(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.npz", "w") as file:
        for i in range(1001):
            file.writestr(f"{i}.npy", b"")


NAN = np.where(GREY > 250, np.nan, GREY / 255)
BAD = {
    "empty file": (lambda p: written(p, b""), "damaged or contains no NumPy arrays"),
    "other kind": (lambda p: written(p, b"\x93NUMPY hello"), "damaged or contains no NumPy arrays"),
    "no arrays": (lambda p: written(p, b"PK\5\6" + bytes(18)), "contains no images: none has the shape"),
    "objects": (pickled, "Python objects, which are never loaded"),
    "promises": (lambda p: headed(p, (1000, 28, 28)), "damaged"),
    "negative": (lambda p: headed(p, (-20, -9, 11)), "damaged"),
    "many": (many, "more than 1,000 files"),
    "no images": (lambda p: saved(p, x=np.arange(5)), "none has the shape"),
    "text": (lambda p: saved(p, x=np.array(["a", "b"])), "none has the shape"),
    "complex": (lambda p: saved(p, x=GREY * 1j), "none has the shape"),
    "none": (lambda p: saved(p, x=GREY[:0]), "contains no images. At least two"),
    "one": (lambda p: saved(p, x=GREY[:1]), "only one image"),
    "small": (lambda p: saved(p, x=GREY[:, :7]), "7×11 pixels. Each side must have 8 to 256"),
    "large": (lambda p: saved(p, x=np.zeros((2, 9, 257), np.uint8)), "9×257 pixels"),
    "not a number": (lambda p: saved(p, x=NAN), "values that are not finite"),
    "infinite": (lambda p: saved(p, x=np.where(GREY > 250, np.inf, GREY / 255)), "values that are not finite"),
    "below 0": (lambda p: saved(p, x=GREY / 127.5 - 1), "the value −1. Pixels must be"),
    "above 255": (lambda p: saved(p, x=GREY.astype(int) * 2), "the value 510"),
    "few labels": (lambda p: saved(p, x=GREY, y=LABELS[:19]), "19 labels for 20 images"),
    "many labels": (
        lambda p: saved(p, x=np.zeros((300, 8, 8), np.uint8), y=np.arange(300)),
        r"300 different labels. The limit is 256\.",
    ),
    "unlike": (lambda p: saved(p, x_train=GREY, x_test=GREY / 255), "up to 255 and test images up to 1"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_trained_on_gets_one_sentence(tmp_path, monkeypatch, case):
    make, words = BAD[case]
    monkeypatch.chdir(tmp_path)
    make(tmp_path)
    with pytest.raises(ValueError, match=words) as caught:
        NpzFile(str(tmp_path / "x.npz")).train()
    assert str(caught.value).startswith("x.npz ")
    assert str(caught.value).count("\n") == 0
    assert str(caught.value).endswith(".")
    assert not (tmp_path / "PWNED").exists()


@pytest.mark.slow
def test_a_bomb_is_refused_by_its_head(tmp_path, monkeypatch):
    """A file of some kilobytes expands to 64 MB of zeros; no memory is allocated for them."""
    headed(tmp_path, (1024, 256, 256), 2**26)
    assert (tmp_path / "x.npz").stat().st_size < 2**17
    monkeypatch.setattr(limits, "LARGEST", 2**26 - 1)
    tracemalloc.start()
    with pytest.raises(ValueError, match=r"64 MB of pixels. The limit is 63 MB\."):
        NpzFile(str(tmp_path / "x.npz")).train()
    assert tracemalloc.get_traced_memory()[1] < 2**20
    tracemalloc.stop()


IDX_BAD = {
    "labels for images": (idx(LABELS.astype(np.uint8)), b"", r"^i\.idx contains 20 numbers and no images"),
    "images for labels": (idx(GREY), idx(GREY), r"^l\.idx contains 20×9×11 numbers and no labels"),
    "few labels": (idx(GREY), idx(LABELS[:19].astype(np.uint8)), r"^l\.idx contains 19 labels for 20 images"),
    "one image": (idx(GREY[:1]), b"", "only one image"),
    "no images": (idx(GREY[:0]), b"", "no images"),
    "small": (idx(GREY[:, :, :7]), b"", "9×7 pixels"),
    "large": (idx(np.zeros((2, 300, 9), np.uint8)), b"", "300×9 pixels"),
    "floats": (b"\0\0\x0d\x03" + idx(GREY)[4:], b"", "not an IDX file of unsigned bytes"),
    "damaged labels": (idx(GREY), b"\0\0\x08\x01\0\0", r"^l\.idx is damaged"),
    "four channels": (idx(np.zeros((5, 9, 9, 4), np.uint8)), b"", "numbers and no images"),
}


@pytest.mark.parametrize("case", IDX_BAD)
def test_idx_files_that_cannot_be_trained_on_get_one_sentence(tmp_path, case):
    images, labels, words = IDX_BAD[case]
    (tmp_path / "i.idx").write_bytes(images)
    (tmp_path / "l.idx").write_bytes(labels)
    with pytest.raises(ValueError, match=words) as caught:
        IdxFiles(str(tmp_path / "i.idx"), str(tmp_path / "l.idx") if labels else "").train()
    assert str(caught.value).count("\n") == 0


def test_a_folder_where_a_file_should_be_gets_a_sentence(tmp_path):
    for kind in (IdxFiles, NpzFile):
        with pytest.raises(ValueError, match="cannot be read: it is a folder"):
            kind(str(tmp_path)).train()


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("round")


SHAPES = st.tuples(st.integers(2, 30), st.integers(8, 20), st.integers(8, 20))


@pytest.mark.slow
@settings(deadline=None, max_examples=60)
@given(array=arrays.arrays(np.uint8, SHAPES), labelled=st.booleans(), data=st.data())
def test_any_bytes_come_back_from_both_formats(place, array, labelled, data):
    if array.max() <= 1:
        array[0, 0, 0] = 2  # otherwise 0 and 1 would be read as 0 and 255
    n = len(array)
    labels = np.array(data.draw(st.lists(st.integers(0, 255), min_size=n, max_size=n)), np.uint8)
    (place / "i.idx").write_bytes(idx(array))
    (place / "l.idx").write_bytes(idx(labels))
    np.savez(place / "a.npz", x=array, **({"y": labels} if labelled else {}))
    limits._kept.clear()
    idx_files = IdxFiles(str(place / "i.idx"), str(place / "l.idx") if labelled else "")
    expected = sorted((a.tobytes(), str(i) if labelled else "unlabelled") for a, i in zip(array, labels, strict=True))
    for made in (idx_files, NpzFile(str(place / "a.npz"))):
        parts = made.train(), made.test()
        assert len(parts[1]) == max(1, n // 10)
        found = [(a.tobytes(), p.classes[i]) for p in parts for a, i in zip(p.pixels, p.labels, strict=True)]
        assert sorted(found) == expected


@pytest.mark.slow
@settings(deadline=None, max_examples=200)
@given(flips=st.lists(st.tuples(st.integers(0, 10**6), st.integers(1, 255)), min_size=1, max_size=4))
def test_damage_is_found_or_harmless_but_never_without_a_sentence(place, flips):
    for name, make in (("d.npz", NpzFile), ("d.idx.gz", IdxFiles)):
        path = place / name
        content = bytearray(_sound(name))
        for at, by in flips:
            content[at % len(content)] ^= by
        path.write_bytes(content)
        limits._kept.clear()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # NumPy warns about a damaged header
                images = make(str(path)).train()
        except ValueError as error:
            assert name in str(error)
            assert "\n" not in str(error)
        else:
            assert images.pixels.dtype == np.uint8


def _sound(name):
    if name.endswith(".gz"):
        return gzip.compress(idx(GREY), mtime=0)
    made = io.BytesIO()
    np.savez_compressed(made, x=GREY, y=LABELS)
    return made.getvalue()


def test_the_head_of_a_gzipped_file_cannot_make_room_for_more_than_it_can_hold(tmp_path):
    head = b"\0\0\x08\x03" + struct.pack(">3I", 10**6, 28, 28)
    (tmp_path / "x.idx.gz").write_bytes(gzip.compress(head + bytes(100), mtime=0))
    with pytest.raises(ValueError, match="should contain 1000000×28×28 bytes and does not"):
        IdxFiles(str(tmp_path / "x.idx.gz")).train()
