"""What every test gets: an offscreen screen, one thread for small products, and no thread or window left over."""

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault(
    "OMP_WAIT_POLICY", "PASSIVE"
)  # as main.py does: threads that spin beside others take 20 times as long

import socket
import threading

import pytest
from hypothesis import settings

from engine.latent.one_copy import keep_copies_in
from engine.latent.training.folders import keep_in

KEPT = "ThreadPool", "lattice"  # threads that are kept for the next one who needs them

# The same examples every time, so that what passed here passes there; --hypothesis-profile=search looks for new ones.
settings.register_profile("bayescape", deadline=None, derandomize=True)
settings.register_profile("search", deadline=None, print_blob=True, max_examples=2000)
settings.load_profile("bayescape")


@pytest.hookimpl(trylast=True)  # when the tests that are not wanted have been left out
def pytest_collection_modifyitems(items):
    """A proof may take half an hour, unless it states another limit: the computer may do several at a time.

    Those that state a limit are long, and come first: otherwise a processor waits for the last of them.
    """
    proofs = [item for item in items if item.get_closest_marker("proof")]
    if len(proofs) == len(items):
        items.sort(key=lambda item: item.get_closest_marker("timeout") is None)
    for item in proofs:
        if not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(1800))


@pytest.fixture(autouse=True, scope="session")
def _no_network():
    """No test reaches the network: not even this computer, by its network address."""

    def refuse(*_):
        raise AssertionError("the program has used the network")

    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex", "sendto"):
            patch.setattr(socket.socket, name, refuse)
        patch.setattr(socket, "getaddrinfo", refuse)
        yield


@pytest.fixture(autouse=True)
def _runs_of_its_own(tmp_path_factory):
    """No test sees what was trained or recovered on this computer, and no program that a test starts does."""
    os.environ["XDG_DATA_HOME"] = str(tmp_path_factory.mktemp("data"))
    os.environ["XDG_CACHE_HOME"] = str(tmp_path_factory.mktemp("cache"))
    keep_in(tmp_path_factory.mktemp("runs"))
    keep_copies_in(None)


@pytest.fixture(autouse=True)
def _nothing_left_over():
    """A thread or a window that outlives its test fails it."""
    before = set(threading.enumerate())
    yield
    left = [thread.name for thread in set(threading.enumerate()) - before if not thread.name.startswith(KEPT)]
    assert not left, f"threads left over: {left}"
