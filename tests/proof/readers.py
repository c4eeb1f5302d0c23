"""The readers of files of the program, each with sound files to damage and with what must hold for what it accepts.

A reader raises ValueError with one sentence, or it returns a value. The value is then checked here: it must be within
the limits that the program promises, and writing it and reading it again must give the same. A reader whose `sealed` is
True has a checksum, so a file that was damaged without repair must give the same as the sound file.
"""

import gzip
import io
import shutil
from pathlib import Path

import msgspec
import numpy as np
import torch
from msgspec.structs import replace
from PIL import Image

from engine import session
from engine.gaussian import Array
from engine.latent.datasets.data_set import Images
from engine.latent.datasets.folder import Folder
from engine.latent.datasets.mnist import Mnist
from engine.latent.datasets.npz import NpzFile
from engine.latent.datasets.open_path import files_at
from engine.latent.datasets.own_files import SIDES, loaded, trust
from engine.latent.document import Latent
from engine.latent.training.models import read_card
from engine.latent.vae import check_state
from engine.latent.vae.likelihoods import Bernoulli
from engine.latent.vae.networks.checkpoint import load_model, save_model
from engine.latent.vae.training.training import Training, save_state
from engine.lecture import answers, memory
from engine.lecture import files as lectures
from engine.part import decode_hook, encode_hook
from engine.regression.data.expression import evaluated
from engine.regression.data.observations import LIMIT
from engine.regression.data.reading.sources import Pasted, TextFile
from engine.regression.document import Regression
from engine.resources import RESOURCES
from engine.saving import session_file, work
from engine.saving.journal import Journal, Snapshot, last_record, plain_documents
from engine.saving.own_models import open_work, save
from tests.engine.latent.vae import bars
from tests.engine.latent.vae.tiny import tiny
from tests.engine.regression.data.table_reading import read as read_table
from tests.proof.kept_readers import KEPT
from tests.proof.reader import Reader

DATA = Path(__file__).resolve().parents[1] / "data"
RNG = np.random.default_rng(5)


def files(pattern):
    return lambda _: [path.read_bytes() for path in sorted(DATA.glob(pattern)) if path.is_file()]


def plain_files(*paths):
    return lambda _: [path.read_bytes() for path in paths]


def check_struct(found):
    """Check that a card or a recipe comes back from its JSON."""
    text = msgspec.json.encode(found, enc_hook=encode_hook)
    assert msgspec.json.decode(text, type=type(found), dec_hook=decode_hook) == found


def check_document(document):
    plain = session.plain_of(document)
    assert session.decode(session.encode(session.Session(document))).document == document, plain


def check_session(found):
    check_document(found.document)
    assert session.decode(session.encode(found)) == found


def check_work(found):
    for document in found.documents:
        check_document(document)
    assert work.decode(work.encode(found), "x") == found


def archives(folder):
    """Session files: without a model, and with a model inside."""
    model = folder / "own.safetensors"
    model.write_bytes(models(folder)[0])
    made = []
    for name, latent in (("plain", Latent()), ("inside", Latent().with_model(str(model)))):
        path = folder / f"{name}.bayescape"
        save(path, work.Work((Regression().with_drawn_points(5), latent.pin((0.5, -1.0))), page="latent"))
        made.append(path.read_bytes())
    return made


def models(folder):
    path, small = folder / "seed.safetensors", tiny(Bernoulli(), shape=(28, 28))
    save_model(path, small.networks, small.card)
    return [path.read_bytes()]


def check_model(vae):
    z = torch.cartesian_prod(torch.linspace(-3, 3, 3), torch.linspace(-3, 3, 3)).numpy()
    decoded = np.asarray(vae.decode(z))
    assert decoded.shape[1:3] == vae.card.shape[:2] and np.isfinite(decoded).all()
    assert decoded.min() >= 0 and decoded.max() <= 1


def same_model(one, other):
    ours, theirs = one.networks.state_dict(), other.networks.state_dict()
    return one.card == other.card and all(torch.equal(ours[name], theirs[name]) for name in theirs)


def states(folder):
    recipe = replace(bars.SMALL, data=Mnist(), batch=10)
    pixels = RNG.integers(0, 256, (60, 28, 28), dtype=np.uint8)
    training = Training(recipe, Images(pixels, np.zeros(60, np.uint8), ("0",)))
    for _, _ in zip(range(14), training, strict=False):
        pass
    save_state(folder / "state.safetensors", training)
    return [(folder / "state.safetensors").read_bytes()]


def check_lecture(found):
    again = lectures.decode(lectures.encode(found))
    assert again.head == found.head and len(again.steps) == len(found.steps)
    assert len({step.id for step in found.steps}) == len(found.steps)


def memories(folder):
    kept = memory.Memory()
    kept.at, kept.seen, kept.marks = "2", {"1", "2"}, {"2": {("regression", "Prior"): [[(0.1, 0.2), (0.3, 0.4)]]}}
    kept.left["2"] = memory.Left(Regression().with_drawn_points(3), 1)
    memory.save_memories(folder / "memory.json", {"Lecture": kept})
    return [(folder / "memory.json").read_bytes()]


def check_memories(found):
    for one in found.values():
        for left in one.left.values():
            check_document(left.document)
            assert left.build >= 0


def given(folder):
    answers.save_answers(folder / "a.json", {"a": answers.Given(choice="yes"), "b": answers.Given(numbers=(1.5, 2.0))})
    return [(folder / "a.json").read_bytes()]


def check_answers(found):
    assert all(np.isfinite(one.numbers).all() and np.isfinite(one.places).all() for one in found.values())


def journals(folder):
    journal = Journal(folder / "journals")
    for count in range(3):
        documents = [Regression().with_drawn_points(count + 1), Latent().pin((count / 4, 0.0))]
        journal.append(Snapshot("latent", plain_documents(documents), time=float(count)))
    content = (journal.folder / "log").read_bytes()
    journal.close(None)
    return [content]


def read_journal(path):
    shutil.copy(path, path.with_name("log"))
    return last_record(path.parent)


def check_snapshot(found):
    for kind in () if found is None else ("Regression", "Latent", "x"):
        if (document := found.document(kind)) is not None:
            check_document(document)


def same_snapshot(found, _):
    """Whether the snapshot is one of the records of the sound file; the last may be lost."""
    return found is None or found.time in (0.0, 1.0, 2.0)


def check_table(found):
    layout, table = found
    for column in (table.observations.x, table.observations.t):
        assert np.isfinite(column).all() and (np.abs(column) <= LIMIT).all()
    assert table.bad_count >= len(table.bad) and len(layout.columns) >= 2


def sheets(_):
    import openpyxl

    book = openpyxl.Workbook()
    for row in [("x", "t"), *((n / 4, n * n) for n in range(12))]:
        book.active.append(row)
    made = io.BytesIO()
    book.save(made)
    return [made.getvalue()]


def read_images(path):
    source = files_at(path)
    trust(source)
    return loaded(source)


def check_images(found):
    for images in (found.train, found.test):
        assert images.pixels.dtype == np.uint8 and images.pixels.ndim in (3, 4)
        assert all(side in SIDES for side in images.pixels.shape[1:3])
        assert len(images.labels) in (0, len(images.pixels))
        assert not len(images.labels) or not images.classes or images.labels.max() < len(images.classes)
    assert len(found.train) + len(found.test) >= 2


def idx_files(_):
    pixels = RNG.integers(0, 256, (6, 9, 11), dtype=np.uint8)
    plain = b"\0\0\x08\x03" + np.array(pixels.shape, ">u4").tobytes() + pixels.tobytes()
    return [plain, gzip.compress(plain, 1)]


def label_files(folder):
    np.savez(folder / "labels.npz", labels=np.arange(20) % 3)
    np.save(folder / "labels.npy", np.array([f"class {n % 3}" for n in range(20)]))
    idx = b"\0\0\x08\x01" + np.array([20], ">u4").tobytes() + bytes(n % 4 for n in range(20))
    return [(folder / name).read_bytes() for name in ("labels.npz", "labels.npy")] + [idx]


def read_labels(path):
    images = path.with_name("sound.npz")
    if not images.exists():
        np.savez(images, images=RNG.integers(0, 256, (20, 9, 11), dtype=np.uint8))
    return loaded(NpzFile(str(images), labels=str(path)))


def pictures(_):
    made = [path.read_bytes() for path in sorted(DATA.glob("cases/p0*.jpg"))[:1]]
    picture = Image.fromarray(RNG.integers(0, 256, (12, 15, 3), dtype=np.uint8))
    for kind in ("PNG", "GIF", "BMP", "TIFF", "WEBP", "PPM", "JPEG"):
        stream = io.BytesIO()
        picture.save(stream, kind)
        made.append(stream.getvalue())
    return made


def read_folder(path):
    folder = path.with_name("pictures")
    if not folder.exists():
        folder.mkdir()
        for n in range(2):
            Image.fromarray(np.full((12, 15), 50 * n, np.uint8)).save(folder / f"{n}.png")
    shutil.copy(path, folder / "2.png")
    return loaded(Folder(str(folder)))


def read_picture(path):
    from gui.latent.image.picture_files import from_file

    return from_file(path)


def check_picture(found):
    assert found.light.size and found.light.min() >= 0 and found.light.max() <= 1


def formulas(_):
    return [b"sin(2*pi*x)", b"0.5*x^3 - x + exp(-x)/2", b"abs(x)**0.5 + tanh(sinc(3*x)) + floor(log(x+2))"]


def read_formula(path):
    x: Array = np.linspace(-1, 1, 11)
    return evaluated(path.read_bytes().decode("utf-8", "replace"), x)


def check_values(found):
    assert found.shape == (11,) and found.dtype == np.float64


def settings_files(folder):
    from PySide6.QtCore import QByteArray

    from gui.shell.settings import Settings

    settings = Settings(folder / "own")
    settings.keep("appearance", "dark")
    settings.keep("text", 1.5)
    settings.keep_layout("window", QByteArray(bytes(range(200))))
    settings.store.sync()
    return [(folder / "own" / "settings.ini").read_bytes()]


def read_settings(path):
    from gui.shell.settings import Settings

    settings = Settings(path.parent)
    if settings.damaged:
        settings.mend()
    appearance = settings.text("appearance", "light", ("light", "dark"))
    size, layout = settings.number("text", 1.0, (1.0, 1.5)), settings.layout("window")
    return appearance, size, None if layout is None else bytes(layout.data())


def check_settings(found):
    appearance, size, layout = found
    assert appearance in ("light", "dark") and size in (1.0, 1.5) and layout in (None, bytes(range(200)))


LECTURE = RESOURCES / "lecture" / "lecture.bayescape-lecture.json"
READERS = {
    "sessions": Reader(files("format1/*.json"), "x.json", session.read, check_session, 180),
    "works": Reader(archives, "x.bayescape", session_file.read, check_work, 120),
    "works with models": Reader(archives, "x.bayescape", open_work, lambda _: None, 60),
    "lectures": Reader(plain_files(LECTURE), "x.bayescape-lecture.json", lectures.read, check_lecture, 20),
    "memories": Reader(memories, "memory.json", memory.read_memories, check_memories, 60),
    "answers": Reader(given, "answers.json", answers.read_answers, check_answers, 30),
    "journals": Reader(journals, "x.log", read_journal, check_snapshot, 60, True, same_snapshot),
    "models": Reader(models, "x.safetensors", lambda path: load_model(str(path)), check_model, 60, True, same_model),
    "cards": Reader(models, "x.safetensors", read_card, check_struct, 30),
    "trainings": Reader(states, "x.safetensors", check_state, check_struct, 20),
    "tables": Reader(files("tables/*.*"), "x.csv", lambda path: read_table(TextFile(path)), check_table, 120),
    "pasted tables": Reader(
        files("tables/*.csv"), "x.csv", lambda p: read_table(Pasted(p.read_bytes().decode("latin-1"))), check_table, 40
    ),
    "spreadsheets": Reader(sheets, "x.xlsx", lambda path: read_table(TextFile(path)), check_table, 5),
    "NumPy archives": Reader(files("cases/i*.npz"), "x.npz", read_images, check_images, 70),
    "NumPy arrays": Reader(files("cases/i*.npy"), "x.npy", read_images, check_images, 20),
    "IDX files": Reader(idx_files, "x-images-idx3-ubyte", read_images, check_images, 30),
    "labels": Reader(label_files, "labels", read_labels, check_images, 20),
    "folders of images": Reader(pictures, "x.png", read_folder, check_images, 15),
    "pictures": Reader(pictures, "x.png", read_picture, check_picture, 20),
    "functions": Reader(formulas, "x.txt", read_formula, check_values, 10),
    "settings": Reader(settings_files, "settings.ini", read_settings, check_settings, 10),
    **KEPT,
}
