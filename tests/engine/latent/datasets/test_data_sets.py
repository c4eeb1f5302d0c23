"""Laws that every data set obeys, and further laws for data sets in the user's files."""

import gzip
import os
import tracemalloc

import numpy as np
import pytest
from msgspec.structs import replace
from PIL import Image

from engine.latent.datasets import own_files as limits
from engine.latent.datasets.data_set import DATASETS
from engine.latent.datasets.faces import Faces
from engine.latent.datasets.folder import Folder
from engine.latent.datasets.idx import IdxFiles
from engine.latent.datasets.npz import NpzFile
from engine.latent.datasets.open_path import files_at, holds_images
from engine.latent.datasets.own_files import Reading, drained, reading
from engine.latent.training.training import TrainingSettings
from engine.session import Session, decode, encode
from tests.engine.latent.datasets.test_idx import idx

OWN = (IdxFiles, NpzFile, Folder)
N, SIDE = 40, 12
PIXELS = np.random.default_rng(5).integers(0, 256, (N, SIDE, SIDE), dtype=np.uint8)
LABELS = np.arange(N, dtype=np.uint8) % 4 + 3


@pytest.fixture
def make(tmp_path):
    """Return a function that writes the same images in one of the formats."""

    def idx_files():
        (tmp_path / "train-images-idx3-ubyte").write_bytes(idx(PIXELS))
        (tmp_path / "train-labels-idx1-ubyte").write_bytes(idx(LABELS))
        return tmp_path / "train-images-idx3-ubyte"

    def npz_file():
        np.savez(tmp_path / "x.npz", images=PIXELS, labels=LABELS)
        return tmp_path / "x.npz"

    def folder():
        for i, (image, label) in enumerate(zip(PIXELS, LABELS, strict=True)):
            (tmp_path / "all" / str(label)).mkdir(parents=True, exist_ok=True)
            Image.fromarray(image).save(tmp_path / "all" / str(label) / f"{i:03d}.png")
        return tmp_path / "all"

    return {IdxFiles: idx_files, NpzFile: npz_file, Folder: folder}


def pairs(images):
    return zip(images.pixels, images.labels, strict=True)


def source(make, kind):
    made = files_at(make[kind]())
    assert type(made) is kind
    return replace(made, size=SIDE) if kind is Folder else made


@pytest.mark.slow
@pytest.mark.parametrize("kind", list(DATASETS))
def test_every_data_set_obeys_the_laws(make, kind):
    data = source(make, kind) if kind in OWN else kind()
    assert data.licence
    assert data.attribution
    assert data.light in (False, True)
    for images in (data.train(), data.test()):
        assert images.pixels.dtype == images.labels.dtype == np.uint8
        assert images.pixels.shape == (len(images), *data.image_shape)
        assert len(images) == len(images.labels)
        assert images.labels.max() < len(images.classes)
        assert images.factors.shape[1] == len(images.factor_names)
        for array in (images.pixels, images.labels):
            with pytest.raises(ValueError, match="read-only"):
                array[0] = 1
    assert data.train().classes == data.test().classes


@pytest.mark.slow
@pytest.mark.parametrize("kind", OWN)
def test_a_tenth_is_held_out_and_nothing_is_lost(make, kind):
    data = source(make, kind)
    train, test = data.train(), data.test()
    assert (len(train), len(test)) == (36, 4)
    assert train.classes == ("3", "4", "5", "6")
    found = [(p.tobytes(), train.classes[label]) for part in (train, test) for p, label in pairs(part)]
    assert sorted(found) == sorted((p.tobytes(), str(label)) for p, label in zip(PIXELS, LABELS, strict=True))
    limits._kept.clear()
    np.testing.assert_array_equal(data.test().pixels, test.pixels)


@pytest.mark.parametrize("kind", OWN)
def test_reading_tells_how_far_it_has_come_and_can_be_abandoned(make, kind, monkeypatch):
    monkeypatch.setattr("engine.latent.datasets.own_files.AT_ONCE", 10 * SIDE**2)
    monkeypatch.setattr("engine.latent.datasets.idx_format.AT_ONCE", 10 * SIDE**2)
    monkeypatch.setattr("engine.latent.datasets.npz.AT_ONCE", 10 * SIDE**2)
    monkeypatch.setattr("engine.latent.datasets.folder.OFTEN", 0.0)
    data = source(make, kind)
    steps = list(reading(data))
    assert steps[0] == Reading(0, 0)
    counted = [step.done for step in steps if step.whole]
    assert counted == sorted(counted)
    assert {step.whole for step in steps if step.whole} == {N}
    assert len(set(counted)) >= 4
    limits._kept.clear()
    abandoned = reading(data)
    next(abandoned)
    next(abandoned)
    abandoned.close()
    assert not limits._kept


@pytest.mark.parametrize("kind", OWN)
def test_what_was_read_is_kept_until_the_files_change(make, kind):
    data = source(make, kind)
    train = data.train()
    assert data.train() is train
    changed = sorted(file.path for file in drained(data.listing()))[-1]
    os.utime(changed, ns=(0, 10**18))
    assert data.train() is not train
    np.testing.assert_array_equal(data.train().pixels, train.pixels)


@pytest.mark.slow
@pytest.mark.parametrize("kind", OWN)
@pytest.mark.parametrize("values", ["light", "white ink on black", "black ink on white"])
def test_pixels_are_light_or_ink(make, kind, values):
    data = replace(source(make, kind), values=values)
    as_ink = replace(data, values="white ink on black").train().pixels
    assert data.light == (values == "light")
    np.testing.assert_array_equal(data.train().pixels, 255 - as_ink if values == "black ink on white" else as_ink)


@pytest.mark.parametrize("kind", OWN)
def test_too_much_is_refused_before_it_is_read(make, kind, monkeypatch):
    data = source(make, kind)
    for name, value, words in (("MOST", 39, r"40 images\. The limit is 39"), ("LARGEST", 1000, r"0 MB .*The limit")):
        with monkeypatch.context() as patch:
            patch.setattr(limits, name, value)
            with pytest.raises(ValueError, match=words):
                data.train()


@pytest.mark.parametrize("kind", OWN)
def test_a_source_that_is_not_there_gets_a_sentence(tmp_path, kind):
    with pytest.raises(ValueError, match=r"^nothing.* (cannot be read|is not a readable folder)"):
        kind(str(tmp_path / "nothing")).train()
    with pytest.raises(ValueError, match="must be"):
        kind("")


@pytest.mark.slow
@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzipped"])
def test_memory_stays_under_twice_the_pixels(tmp_path, pack):
    pixels = np.random.default_rng(1).integers(0, 256, (20_000, 28, 28), dtype=np.uint8)
    (tmp_path / "x.idx").write_bytes(pack(idx(pixels)))
    np.savez(tmp_path / "x.npz", x=pixels)
    np.savez(tmp_path / "f.npz", x=pixels / np.float32(255))
    for data in (IdxFiles(str(tmp_path / "x.idx")), NpzFile(str(tmp_path / "x.npz")), NpzFile(str(tmp_path / "f.npz"))):
        limits._kept.clear()
        tracemalloc.start()
        assert len(data.train()) == 18_000
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 1.9 * pixels.nbytes
    limits._kept.clear()


def test_which_files_hold_images_is_told_by_their_names(tmp_path):
    for name, kind in (("a.npz", NpzFile), ("b.idx.gz", IdxFiles), ("c-idx3-ubyte", IdxFiles), ("D.NPZ", NpzFile)):
        (tmp_path / name).touch()
        assert holds_images(tmp_path / name)
        assert isinstance(files_at(tmp_path / name), kind)
    assert isinstance(files_at(tmp_path), Folder)
    (tmp_path / "notes.txt").touch()
    assert not holds_images(tmp_path / "notes.txt")
    with pytest.raises(ValueError, match=r"^Images are not read from a \.txt file\. Choose a folder"):
        files_at(tmp_path / "notes.txt")


def test_a_file_of_labels_is_found_beside_its_images(tmp_path):
    for images, labels in (
        ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"),
        ("t10k-images.idx3-ubyte", "t10k-labels.idx1-ubyte"),
    ):
        for name in (images, labels):
            (tmp_path / name).touch()
        assert files_at(tmp_path / images).labels == str(tmp_path / labels)
    (tmp_path / "my-images.idx").touch()
    (tmp_path / "x.idx").touch()
    assert files_at(tmp_path / "my-images.idx").labels == files_at(tmp_path / "x.idx").labels == ""


@pytest.mark.parametrize("part", [Faces(brow=True), Folder("/a/ö", size=64, colour=True), IdxFiles("/a", "/b")])
def test_a_session_remembers_what_it_trains_on(part):
    from engine.latent.document import Latent

    session = Session(Latent().with_setting(TrainingSettings().with_data(part)))
    assert decode(encode(session)).document[TrainingSettings].recipe.data == part
