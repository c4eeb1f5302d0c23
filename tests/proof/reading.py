"""Reads damaged files with one reader, under limits of memory and time, and prints what came of it as JSON.

`python -m tests.proof.reading READER FIRST COUNT FOLDER` reads the mutants FIRST to FIRST + COUNT. Before each mutant,
its number is written to FOLDER/number, so that the parent knows which one ended the process.
"""

import json
import pickle
import random
import resource
import signal
import sys
import time
import warnings
from collections import Counter
from pathlib import Path

from tests.proof.mutants import mutant, resealed
from tests.proof.readers import READERS

SECONDS = 2.0  # of processor time for one file
MEMORY = 500  # MB for one file
ROOM = 1500 * 2**20  # bytes that the process may allocate beyond what it has at the start


class _TooLongError(BaseException):
    pass


def status(name):
    """A number of this process in kB, such as VmHWM, the most memory that it had."""
    return int(Path("/proc/self/status").read_text(encoding="ascii").split(f"{name}:")[1].split()[0])


def begin_measuring():
    """Let VmHWM begin again with what is in memory now."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def is_sentence(error):
    """Whether an error is of the one kind that the program promises: ValueError with one sentence."""
    text = str(error)
    own = type(error) is ValueError or type(error).__module__.startswith(("engine", "gui"))
    return own and isinstance(error, ValueError) and text.endswith((".", "?")) and "\n" not in text and len(text) < 600


def outcome(reader, path, content, sound, repaired):
    """Read one damaged file: "accepted" or "refused", or what is wrong with the reader."""
    path.write_bytes(content)
    try:
        found = reader.read(path)
    except ValueError as error:
        return "refused" if is_sentence(error) else f"no sentence: {type(error).__name__}: {str(error)[:200]}"
    except _TooLongError:
        return f"more than {SECONDS} s"
    except BaseException as error:
        return f"another error: {type(error).__name__}: {str(error)[:200]}"
    try:
        reader.check(found)
        assert repaired or not reader.sealed or reader.same(found, sound), "damage was not noticed"
    except Exception as error:
        return f"wrong content accepted: {type(error).__name__}: {str(error)[:200]}"
    return "accepted"


def too_long(*_):
    raise _TooLongError


def refuse(*_args, **_names):
    raise AssertionError("pickle was used")


def run(name, first, count, folder):
    """Read mutants, and return the number of each outcome with what is wrong, the slowest and the largest one."""
    reader = READERS[name]
    seeds = reader.seeds(folder)
    path = folder / reader.name
    sounds = []
    for content in seeds:
        path.write_bytes(content)
        try:
            sounds.append(reader.read(path))
        except ValueError:  # a test file that is refused is a seed too
            sounds.append(None)
    assert any(sound is not None for sound in sounds), f"{name}: no file is sound"
    outcomes, wrong, slowest, largest = Counter(), [], 0.0, 0.0
    for number in range(first, first + count):
        (folder / "number").write_text(str(number), encoding="ascii")
        chance = random.Random(f"{name} {number}")
        at = chance.randrange(len(seeds))
        repaired = bool(number % 2)
        content = (resealed if repaired else mutant)(chance, seeds[at], seeds)
        begin_measuring()
        before, start = status("VmRSS"), time.process_time()
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        try:
            said = outcome(reader, path, content, sounds[at], repaired)
        except _TooLongError:
            said = f"more than {SECONDS} s"
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
        took, grown = time.process_time() - start, (status("VmHWM") - before) / 1024
        slowest, largest = max(slowest, took), max(largest, grown)
        if said in ("accepted", "refused") and grown > MEMORY:
            said = f"{grown:.0f} MB"
        if said not in ("accepted", "refused"):
            wrong.append((number, said))
            said = "wrong"
        outcomes[said] += 1
    return {"outcomes": dict(outcomes), "wrong": wrong, "slowest": slowest, "largest": largest}


def main(name, first, count, folder):
    warnings.simplefilter("ignore")
    pickle.loads = pickle.load = pickle.Unpickler = refuse
    signal.signal(signal.SIGPROF, too_long)
    most = status("VmData") * 1024 + ROOM
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    print(json.dumps(run(name, int(first), int(count), Path(folder))))


if __name__ == "__main__":
    main(*sys.argv[1:])
