"""The training process: it saves its state however it ends, and only one process trains a run."""

import io
import json
import queue
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from contextvars import copy_context

import msgspec
import numpy as np
import pytest
from msgspec.structs import replace

from engine.files import UNFINISHED
from engine.interruption import InterruptedJobError, is_interrupted, set_check
from engine.latent.datasets.npz import NpzFile
from engine.latent.training.folders import keep_in
from engine.latent.training.lock import HELD
from engine.latent.training.process import ROOT, Order
from engine.latent.training.runs import run_folder, state_path
from engine.latent.vae.cli import worker
from engine.latent.vae.cli.worker import Worker
from engine.latent.vae.training.training import load_state
from engine.part import encode_hook
from tests.engine.latent.training.test_process import TINY, Listener

ENDLESS = replace(TINY, epochs=100_000)
unix = pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no signal to one process")


PATIENCE = 240.0  # seconds until a process is killed that its test still reads


@pytest.fixture(autouse=True)
def runs(tmp_path):
    keep_in(tmp_path / "runs")


class Child:
    """The process, with the same messages as from the window."""

    def __init__(self, recipe=ENDLESS):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "engine.latent.vae.cli.worker"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.write(msgspec.json.encode(Order(recipe, str(run_folder(recipe))), enc_hook=encode_hook))

    def write(self, line):
        self.process.stdin.write(line + b"\n")
        self.process.stdin.flush()

    def until(self, state, step=0):
        for line in self.process.stdout:
            report = json.loads(line)
            if report["state"] in (state, "failed") and report["step"] >= step:
                return report
        raise AssertionError(self.process.stderr.read().decode())

    def ended(self):
        """Wait for the end of the process; return its remaining reports and its errors."""
        for stream in (self.process.stdin,):
            if not stream.closed:
                stream.close()
        said = b"" if self.process.stdout.closed else self.process.stdout.read()
        errors = self.process.stderr.read().decode()
        self.process.wait(60)
        return said.decode(), errors


@contextmanager
def child(recipe=ENDLESS):
    made = Child(recipe)
    limit = threading.Timer(PATIENCE, made.process.kill)  # a process that does not end fails its test
    limit.start()
    try:
        yield made
    finally:
        limit.cancel()
        limit.join()
        made.process.kill()
        made.process.wait()
        for stream in (made.process.stdin, made.process.stdout, made.process.stderr):
            stream.close()


def learnt():
    """The step of the saved state."""
    return load_state(state_path(ENDLESS)).step


@pytest.mark.slow
@unix
@pytest.mark.parametrize("name", ["SIGINT", "SIGHUP", "SIGTERM"])
def test_a_signal_saves_and_ends_the_training(name):
    with child() as made:
        step = made.until("running", 5)["step"]
        made.process.send_signal(getattr(signal, name))
        assert made.until("stopped")["step"] >= step
        said, errors = made.ended()
        assert (said, errors) == ("", "")
    assert learnt() >= step


@pytest.mark.slow
@unix
def test_a_signal_ends_a_training_that_is_paused():
    with child() as made:
        made.until("running", 5)
        made.write(b'{"do":"pause"}')
        step = made.until("paused")["step"]
        made.process.send_signal(signal.SIGTERM)
        assert made.until("stopped")["step"] == step


def test_a_pause_does_not_wait_endlessly_for_a_signal_that_was_not_heard(monkeypatch):
    class Controls(queue.SimpleQueue):
        """A queue in which nobody is woken: its handler put the control there just before the wait began."""

        waited = 0

        def get(self, block=True, timeout=None):
            assert timeout, "a wait without end"
            self.waited += 1
            if self.waited < 3:
                raise queue.Empty
            return worker.Control("stop")

    monkeypatch.setattr(worker, "report", lambda *_: True)
    run_folder(TINY).mkdir(parents=True)
    errand = Worker(Order(TINY, str(run_folder(TINY))), Controls())
    errand.now = worker.Control("pause")
    errand.pause()
    assert (errand.now.do, errand.controls.waited) == ("stop", 3)


@pytest.mark.proof
@pytest.mark.parametrize("paused", [False, True])
def test_the_end_of_the_input_saves_and_ends_the_training(paused):
    with child() as made:
        step = made.until("running", 5)["step"]
        if paused:
            made.write(b'{"do":"pause"}')
            step = made.until("paused")["step"]
        made.process.stdin.close()
        assert made.until("stopped")["step"] >= step
        assert made.ended()[1] == ""
        assert made.process.returncode == 0
    assert learnt() >= step


@pytest.mark.proof
def test_it_saves_and_ends_when_its_reports_are_not_read():
    with child() as made:
        step = made.until("running", 5)["step"]
        made.process.stdout.close()
        made.process.wait(60)
        assert made.process.stderr.read() == b""
    assert learnt() >= step


@pytest.mark.proof
def test_it_saves_and_ends_when_the_window_is_killed():
    with child() as made:
        step = made.until("running", 5)["step"]
        made.process.stdout.close()
        made.process.stdin.close()
        made.process.wait(60)
        assert made.process.stderr.read() == b""
    assert learnt() >= step


@pytest.mark.proof
def test_a_line_that_is_not_a_control_is_ignored():
    with child() as made:
        made.until("running", 1)
        for line in (b"hello", b"{", b'{"do":"dance"}', b"\xff\xfe", b"[" * 10_000):
            made.write(line)
        made.write(b'{"do":"stop"}')
        assert made.until("stopped")["state"] == "stopped"


@pytest.mark.proof
def test_an_invalid_order_is_refused_in_a_sentence():
    with child() as made:
        made.ended()
    for line in (b"", b"hello", b'{"recipe":3}'):
        with pytest.raises(ValueError, match="The order to train is not valid") as caught:
            worker.read_order(line)
        assert "`" not in str(caught.value)


@pytest.mark.proof
def test_only_one_process_trains_a_run_at_a_time():
    with Listener(ENDLESS) as first:
        first.until("running")
        with Listener(ENDLESS) as second:
            report = second.until()
            assert report.state == "failed"
            assert report.reason == HELD
        first.process.stop()
        assert first.until().state == "stopped"
    with Listener(ENDLESS) as third:
        assert third.until("running").state == "running"


@pytest.mark.proof
def test_the_lock_of_a_killed_process_is_free_and_its_unfinished_files_are_removed():
    with child() as made:
        made.until("running", 1)
        made.process.kill()
        made.process.wait()
    (run_folder(ENDLESS) / f"{UNFINISHED}0123").write_bytes(b"half")
    with child() as made:
        assert made.until("running")["state"] == "running"
        assert not (run_folder(ENDLESS) / f"{UNFINISHED}0123").exists()


def test_the_state_is_saved_again_every_minute(monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(worker.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(worker, "report", lambda *_: True)
    run_folder(ENDLESS).mkdir(parents=True)
    errand = Worker(Order(ENDLESS, str(run_folder(ENDLESS))), worker.queue.SimpleQueue())
    reports = iter(errand.training)
    for seconds, expected in ((59.0, False), (2.0, True), (59.0, False), (2.0, True)):
        state_path(ENDLESS).unlink(missing_ok=True)
        now[0] += seconds
        next(reports)
        errand.after_batch()
        assert state_path(ENDLESS).exists() is expected


def test_the_window_hears_of_the_stop_before_anything_is_saved_and_of_the_end_when_all_is(monkeypatch):
    said = []

    def hear(state, step, *_):
        checkpoint = run_folder(ENDLESS) / worker.checkpoint_name(step)
        said.append((state, state_path(ENDLESS).exists(), checkpoint.exists()))
        return True

    monkeypatch.setattr(worker, "report", lambda state, *more: not more or hear(state, *more))
    run_folder(ENDLESS).mkdir(parents=True)
    errand = Worker(Order(ENDLESS, str(run_folder(ENDLESS))), worker.queue.SimpleQueue())
    next(iter(errand.training))
    errand.end("stopped")
    assert said == [("saving", False, False), ("stopped", True, True)]


def of_process(monkeypatch, carry_out):
    """Let `worker.main` run in this process, with another function in place of the training; return its ends."""
    ended = []
    monkeypatch.setattr(worker, "_carry_out", carry_out)
    monkeypatch.setattr(worker, "read_order", lambda _: None)
    monkeypatch.setattr(worker.os, "_exit", ended.append)
    monkeypatch.setattr(worker.os, "nice", lambda _: 0)
    monkeypatch.setattr(worker, "_stop_at_signals", lambda _: None)
    monkeypatch.setattr(worker, "_listen", lambda _: None)
    monkeypatch.setattr(sys, "stdin", type("Input", (), {"buffer": io.BytesIO()}))
    return ended


def test_a_full_disk_ends_the_training_in_a_sentence(monkeypatch, capsys):
    def full(*_):
        raise OSError(28, "No space left on device")

    ended = of_process(monkeypatch, full)
    copy_context().run(worker.main)
    assert json.loads(capsys.readouterr().out)["reason"] == "The training ended: the disk is full."
    assert ended == [0]


def test_a_damaged_state_says_how_the_training_starts_again(runs):
    folder = run_folder(TINY)
    folder.mkdir(parents=True)
    state_path(TINY).write_bytes(b"abc")
    with pytest.raises(
        ValueError, match=r"^state\.safetensors has 3 bytes[^.]*\. To start at the first batch, use “Restart"
    ):
        Worker(Order(TINY, str(folder)), queue.SimpleQueue())


def test_a_stop_is_heard_while_the_images_are_read(monkeypatch, capsys):
    def read(_order, controls):
        controls.put(worker.Control("pause"))
        assert not is_interrupted()
        controls.put(worker.Control("stop"))
        if is_interrupted():  # as the readers of the user's own images do
            raise InterruptedJobError

    of_process(monkeypatch, read)
    copy_context().run(worker.main)
    assert json.loads(capsys.readouterr().out)["state"] == "stopped"


@pytest.mark.parametrize(
    ("demanded", "steps", "pauses"),
    [(("stop",), 0, False), (("step", "stop"), 1, False), (("go", "pause", "stop"), 0, True)],
)
def test_what_is_demanded_while_the_images_are_read_goes_before_the_first_batch(monkeypatch, demanded, steps, pauses):
    said, controls = [], worker.Controls()
    monkeypatch.setattr(worker, "report", lambda *report: said.append(report[:2]) or True)
    run_folder(ENDLESS).mkdir(parents=True)
    errand = Worker(Order(ENDLESS, str(run_folder(ENDLESS))), controls)
    for action in demanded:
        controls.put(worker.Control(action))
    errand.work()
    assert said[-1] == ("stopped", steps)
    assert (("paused", 0) in said) is pauses
    assert errand.training.step == steps


def test_a_training_on_own_images_that_is_stopped_saves_what_it_has_learnt(tmp_path, monkeypatch):
    """Its last checkpoint is measured on the test images, which are read again."""
    np.savez(tmp_path / "own.npz", images=(255 * np.random.default_rng(0).random((60, 8, 8))).astype(np.uint8))
    recipe, controls = replace(ENDLESS, data=NpzFile(str(tmp_path / "own.npz"))), worker.Controls()
    said = []
    monkeypatch.setattr(worker, "report", lambda *report: said.append(report[:2]) or True)
    run_folder(recipe).mkdir(parents=True)

    def train():
        set_check(lambda: controls.stopping)  # as in the process
        errand = Worker(Order(recipe, str(run_folder(recipe))), controls)
        next(iter(errand.training))
        controls.put(worker.Control("stop"))
        errand.end("stopped")
        return errand.training.step

    step = copy_context().run(train)
    assert said[-1] == ("stopped", step)
    assert (run_folder(recipe) / worker.checkpoint_name(step)).exists()
