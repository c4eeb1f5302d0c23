"""One copy of images for all processes: the mapped file, and what happens if it is damaged or cannot be written."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from engine.latent import one_copy as module
from engine.latent.datasets import own_pixels
from engine.latent.datasets.faces import Faces
from engine.latent.one_copy import copies_folder, keep_copies_in, one_copy

SHAPE = (10, 32, 32)
OTHER = """
import sys
from pathlib import Path
import numpy as np
from engine.latent import one_copy as module
module.SIZES = range(1000, 10**6)
module.keep_copies_in(Path(sys.argv[1]))
array = module.one_copy(np.arange(10240, dtype=np.uint8).reshape(10, 32, 32))
print(sys.argv[1] in Path("/proc/self/maps").read_text(), array.sum())
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "SIZES", range(1000, 10**6))
    before = copies_folder()
    keep_copies_in(tmp_path / "copies")
    yield tmp_path / "copies"
    keep_copies_in(before)


def numbers(seed=0):
    return (np.arange(np.prod(SHAPE)) + seed).astype(np.uint8).reshape(SHAPE)


def is_mapped(array):
    while array is not None:
        if isinstance(array, np.memmap):
            return True
        array = getattr(array, "base", None)
    return False


def test_equal_arrays_are_one_file_that_is_mapped(folder):
    shared = [one_copy(numbers()), one_copy(numbers()), one_copy(numbers(1))]
    assert all(is_mapped(array) and not array.flags.writeable for array in shared)
    assert np.array_equal(shared[0], numbers()) and np.array_equal(shared[2], numbers(1))
    assert len(list(folder.iterdir())) == 2
    assert isinstance(shared[0], np.ndarray) and type(shared[0]) is np.ndarray


@pytest.mark.skipif(sys.platform != "linux", reason="/proc")
def test_another_process_maps_the_same_file(folder):
    shared = one_copy(numbers())
    (path,) = folder.iterdir()
    before = path.stat().st_ino
    done = subprocess.run(
        [sys.executable, "-c", OTHER, str(folder)], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.stdout.split() == ["True", str(numbers().sum())], done.stderr
    assert [each.stat().st_ino for each in folder.iterdir()] == [before]
    assert np.array_equal(shared, numbers())


@pytest.mark.parametrize("damage", [lambda old: old[:-1], lambda old: b"\x01" + old[1:], lambda old: old[:0]])
def test_a_damaged_file_is_written_again(folder, damage):
    one_copy(numbers())
    (path,) = folder.iterdir()
    path.write_bytes(damage(numbers().tobytes()))
    found = one_copy(numbers())
    assert is_mapped(found) and np.array_equal(found, numbers())
    assert path.read_bytes() == numbers().tobytes()


def test_without_a_folder_each_process_keeps_its_own_memory(folder):
    array = numbers()
    keep_copies_in(None)
    assert one_copy(array) is array
    folder.write_text("a file where the folder should be", encoding="utf-8")
    keep_copies_in(folder)
    assert one_copy(array) is array


@pytest.mark.skipif(sys.platform == "win32", reason="permissions")
def test_only_the_user_can_read_the_folder(folder):
    one_copy(numbers())
    assert not folder.stat().st_mode & 0o077


def test_small_arrays_have_no_file(folder, monkeypatch):
    monkeypatch.setattr(module, "SIZES", range(10**5, 10**6))
    array = numbers()
    assert one_copy(array) is array
    assert not folder.exists()


def test_the_files_used_last_stay(folder, monkeypatch):
    monkeypatch.setattr(module, "MOST", 2 * numbers().nbytes)
    kept = [one_copy(numbers(seed)) for seed in range(4)]
    assert len(list(folder.iterdir())) == 2
    assert all(np.array_equal(array, numbers(seed)) for seed, array in enumerate(kept))


def test_the_users_images_and_drawn_faces_are_mapped_with_their_test_images(folder):
    loaded = own_pixels.divided(numbers(), np.zeros(10, np.uint8), ("a",))
    assert is_mapped(loaded.train.pixels) and is_mapped(loaded.test.pixels)
    part = Faces(training=100, held_out=10, seed=17)
    faces = part.train()
    assert is_mapped(faces.pixels) and part.train().pixels is faces.pixels
    assert Path(folder).is_dir()
