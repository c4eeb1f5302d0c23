"""Folders of images: subfolders are classes, images are cropped and reduced, and unreadable files are listed."""

import os
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace
from PIL import Image

from engine.latent.datasets import thumbnail
from engine.latent.datasets.folder import Folder
from engine.latent.datasets.folder_parts import places
from engine.latent.datasets.own_files import drained, reading
from engine.latent.datasets.thumbnail import shrunk

GRADIENT = np.linspace(0, 255, 40 * 30).reshape(40, 30).astype(np.uint8)


def picture(path, pixels=GRADIENT, **how):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, **how)
    return path


def grey(path, size=8, paper="white"):
    return shrunk(path, size, colour=False, paper=paper).astype(int)


@pytest.fixture
def folder(tmp_path):
    """Three classes, one of them with an image in a deeper folder, and several files that are not images."""
    for name in ("2/a.png", "2/b.JPG", "10/c.bmp", "10/d.gif", "cats/deep/down/e.tiff", "cats/f.webp"):
        picture(tmp_path / "all" / name)
    (tmp_path / "all" / "notes.txt").write_text("no picture")
    (tmp_path / "all" / ".hidden.png").write_text("no picture")
    picture(tmp_path / "all" / ".cache" / "x.png")
    return tmp_path / "all"


def test_subfolders_are_classes_in_their_natural_order(folder):
    loaded = drained(reading(Folder(str(folder), size=16)))
    assert loaded.train.classes == ("2", "10", "cats")
    assert loaded.unreadable == ()
    assert np.bincount(np.r_[loaded.train.labels, loaded.test.labels]).tolist() == [2, 2, 2]
    assert (len(loaded.train), len(loaded.test)) == (5, 1)
    # All files contain the same image in different formats.
    images = np.concatenate([loaded.train.pixels, loaded.test.pixels]).astype(int)
    assert np.abs(images - images[0]).max() <= 6


def test_pictures_in_no_subfolder_are_of_a_class_named_as_the_folder(tmp_path):
    for i in range(3):
        picture(tmp_path / "mine" / f"{i}.png")
    assert Folder(str(tmp_path / "mine")).train().classes == ("mine",)


def test_what_cannot_be_read_is_listed_with_its_reason(folder, monkeypatch):
    (folder / "2" / "text.png").write_text("no picture")
    (folder / "2" / "empty.jpg").touch()
    whole = picture(folder / "2" / "whole.png", np.random.default_rng(0).integers(0, 256, (99, 99), np.uint8))
    (folder / "2" / "torn.png").write_bytes(whole.read_bytes()[:2000])
    picture(folder / "2" / "tiny.png", GRADIENT[:5])
    picture(folder / "2" / "bomb.png", np.zeros((200, 200), np.uint8))
    Image.fromarray(np.full((20, 20), 0.5, np.float32)).save(folder / "2" / "deep.tiff")
    os.mkfifo(folder / "2" / "pipe.png")
    (folder / "2" / "link.png").symlink_to("nowhere.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 30_000)
    loaded = drained(reading(Folder(str(folder))))
    assert len(loaded.train) + len(loaded.test) == 7
    reasons = {line.name: line.reason for line in loaded.unreadable}
    damaged, gone = thumbnail.NO_PICTURE, "it does not exist any more or is not a file"
    assert reasons == {
        "2/text.png": damaged,
        "2/empty.jpg": damaged,
        "2/torn.png": damaged,
        "2/tiny.png": "it has 5×30 pixels, fewer than 8×8",
        "2/bomb.png": "it has more than 30,000 pixels",
        "2/deep.tiff": "its pixels have more than 16 bits",
        "2/pipe.png": gone,
        "2/link.png": gone,
    }
    assert str(loaded.unreadable[0]) == f"{loaded.unreadable[0].name}: {loaded.unreadable[0].reason}."


def test_a_bomb_beyond_twice_what_is_allowed_is_listed_as_well(folder, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 500)
    with pytest.raises(ValueError, match=r"no readable images. 10/c.bmp: it has more than 500 pixels\.$"):
        Folder(str(folder)).train()


def test_the_middle_square_is_taken(tmp_path):
    wide = np.zeros((20, 60), np.uint8)
    wide[:, 20:40] = 255
    assert grey(picture(tmp_path / "wide.png", wide), 20).min() == 255
    assert grey(picture(tmp_path / "high.png", wide.T.copy()), 20).min() == 255


def test_a_picture_of_that_size_stays_as_it_is(tmp_path):
    pixels = np.random.default_rng(1).integers(0, 256, (28, 28, 3), dtype=np.uint8)
    np.testing.assert_array_equal(shrunk(picture(tmp_path / "a.png", pixels), 28, colour=True, paper="white"), pixels)


def test_making_small_keeps_the_light(tmp_path):
    """Each pixel is an average, so the mean over the image does not depend on the size."""
    pixels = np.random.default_rng(1).integers(0, 256, (64, 64), dtype=np.uint8)
    path = picture(tmp_path / "a.png", pixels)
    for size in (8, 16, 32):
        assert grey(path, size).mean() == pytest.approx(pixels.mean(), abs=1)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_pictures_are_turned_upright(tmp_path, orientation):
    """A rotated image with its EXIF orientation is read like the upright image."""
    upright = np.zeros((16, 16), np.uint8)
    upright[:8, :8], upright[:8, 8:] = 255, 128
    stored = {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.T,
        6: np.rot90(upright),
        7: upright[::-1, ::-1].T,
        8: np.rot90(upright, -1),
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = picture(tmp_path / "a.png", np.ascontiguousarray(stored), exif=exif)
    np.testing.assert_array_equal(grey(path, 16), upright)


def test_light_of_every_depth_and_kind_is_the_same(tmp_path):
    flat = np.full((16, 16), 100, np.uint8)
    Image.fromarray(flat.astype(np.uint16) * 257).save(tmp_path / "sixteen.png")
    Image.fromarray(np.stack([flat] * 3, 2)).convert("CMYK").save(tmp_path / "cmyk.jpg", quality=100)
    Image.fromarray(flat).convert("P").save(tmp_path / "palette.png")
    Image.fromarray(np.dstack([flat, flat, flat, np.full_like(flat, 255)])).save(tmp_path / "alpha.png")
    for name in ("sixteen.png", "cmyk.jpg", "palette.png", "alpha.png"):
        assert np.abs(grey(tmp_path / name) - 100).max() <= 3, name


@pytest.mark.parametrize(("paper", "light"), [("white", 255), ("black", 0)])
def test_paper_shows_through_what_is_transparent(tmp_path, paper, light):
    clear = np.zeros((16, 16, 4), np.uint8)
    clear[..., :3] = 77
    assert (grey(picture(tmp_path / "a.png", clear), paper=paper) == light).all()


def test_colours_are_kept_or_seen_in_grey(tmp_path):
    for i in range(2):
        picture(tmp_path / "all" / f"{i}.png", np.broadcast_to(np.uint8([200, 40, 90]), (16, 16, 3)).copy())
    data = Folder(str(tmp_path / "all"), size=8, colour=True)
    assert (data.train().pixels == [200, 40, 90]).all()
    assert data.image_shape == (8, 8, 3)
    assert replace(data, values="black ink on white").light
    expected = 0.299 * 200 + 0.587 * 40 + 0.114 * 90
    assert np.abs(replace(data, colour=False).train().pixels.astype(float) - expected).max() <= 1


@pytest.mark.slow
def test_folders_that_cannot_be_trained_on_get_one_sentence(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match=r"^empty contains no images\.$"):
        Folder(str(tmp_path / "empty")).train()
    picture(tmp_path / "one" / "a.png")
    with pytest.raises(ValueError, match=r"^one contains only one image"):
        Folder(str(tmp_path / "one")).train()
    (tmp_path / "file").touch()
    with pytest.raises(ValueError, match=r"^file is not a readable folder"):
        Folder(str(tmp_path / "file")).train()
    for i in range(257):
        picture(tmp_path / "many" / str(i) / "a.png", GRADIENT[:8, :8])
    with pytest.raises(ValueError, match="more than 256 subfolders"):
        Folder(str(tmp_path / "many")).train()


def test_a_folder_with_as_many_entries_as_allowed_is_read_and_one_more_is_refused(folder, monkeypatch):
    count = sum(1 for path in folder.rglob("*") if path.parent.name != ".cache")  # files and folders
    monkeypatch.setattr("engine.latent.datasets.folder.ENTRIES", count)
    assert len(Folder(str(folder)).train())
    (folder / "2" / ".hidden").touch()
    with pytest.raises(ValueError, match=f"contains more than {count} files"):
        Folder(str(folder)).train()


def test_images_are_divided_by_the_names_of_subfolders():
    root = Path("all") / "inner"
    images = [root / name for name in ("train/cats/a.png", "Test/dogs/deep/b.png", "val/cats/c.png", "train/d.png")]
    found = places(Path("all"), images)
    assert found.classes == ["cats", "dogs", "cats", "inner"]  # the folder, for an image in no class
    assert (found.is_test, found.is_used) == ([False, True, False, False], [True, True, False, True])
    plain = places(Path("all"), [root / "cats/a.png", root / "train/b.png"])
    assert (plain.classes, plain.is_test) == (["cats", "train"], [False, False])


@pytest.mark.parametrize(("colour", "room"), [(False, 6 * 16 * 16), (True, 3 * 6 * 16 * 16)])
def test_as_many_bytes_of_pixels_as_allowed_are_read_and_one_more_is_refused(folder, monkeypatch, colour, room):
    source = Folder(str(folder), size=16, colour=colour)
    monkeypatch.setattr("engine.latent.datasets.own_files.LARGEST", room - 1)
    with pytest.raises(ValueError, match="MB of pixels"):
        drained(reading(source))
    monkeypatch.setattr("engine.latent.datasets.own_files.LARGEST", room)
    loaded = drained(reading(source))
    assert loaded.train.pixels.nbytes + loaded.test.pixels.nbytes == room


def test_links_to_the_folder_itself_are_not_followed(folder):
    (folder / "loop").symlink_to(folder)
    assert len(Folder(str(folder)).train()) == 5
