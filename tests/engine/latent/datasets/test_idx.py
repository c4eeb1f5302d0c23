"""IDX files, and the MNIST files that are shipped with the program."""

import gzip
import struct

import numpy as np
import pytest

from engine.latent.datasets.idx_format import read_idx
from engine.latent.datasets.mnist import Mnist


def idx(array):
    return b"\0\0\x08" + bytes([array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzipped"])
def test_an_array_comes_back(tmp_path, pack):
    array = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    path = tmp_path / "a.idx"
    path.write_bytes(pack(idx(array)))
    np.testing.assert_array_equal(read_idx(path), array)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0\0\x08",
        b"\0\0\x08\x03\0\0\0\x01",
        idx(np.zeros((2, 2), np.uint8))[:-1],
        idx(np.zeros((2, 2), np.uint8)) + b"x",
        b"\0\0\x0d\x01\0\0\0\x01\0\0\0\0",
        b"\0\0\x08\x02\xff\xff\xff\xff\xff\xff\xff\xff",
        gzip.compress(idx(np.zeros((2, 2), np.uint8)), mtime=0)[:-9],
        b"\x1f\x8bnot gzip",
    ],
)
def test_damage_is_explained_in_a_sentence(tmp_path, content):
    path = tmp_path / "broken.idx"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"broken\.idx") as caught:
        read_idx(path)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_explained(tmp_path):
    with pytest.raises(ValueError, match="cannot be read"):
        read_idx(tmp_path / "nothing.idx")


def test_mnist_is_all_there():
    train, test = Mnist().train(), Mnist().test()
    assert train.pixels.shape == (60_000, 28, 28)
    assert test.pixels.shape == (10_000, 28, 28)
    # The number of images of each digit is published.
    assert np.bincount(train.labels).tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert np.bincount(test.labels).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]


@pytest.mark.parametrize(
    "content",
    [
        b"\0\0\x08\x03" + bytes((0, 0, 0, 2, 0, 0, 0, 2)),  # the third size is missing, and 4 bytes would be enough
        b"\0\0\x08\x03" + bytes((0, 0, 0, 9, 0, 0, 0, 9, 0, 0, 0, 9)) + bytes(20),
    ],
)
def test_a_header_that_ends_or_promises_too_much_is_damaged(tmp_path, content):
    (tmp_path / "x-images-idx3-ubyte").write_bytes(content)
    with pytest.raises(ValueError, match="is damaged: it should contain"):
        read_idx(tmp_path / "x-images-idx3-ubyte")
