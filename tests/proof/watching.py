"""Notes each path that Python code opens for writing, makes, renames or removes, here and in all child processes.

It is copied as `sitecustomize.py` into a folder on the path of a process. The environment variable CHANGED names the
file of the notes. What Qt writes by itself is not seen; see `test_writing.py`.
"""

import json
import os
import sys

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
# How many of the first arguments of an audit event are paths that change, and the place of the folder they start from.
EVENTS = {
    "os.mkdir": (1, 2), "os.remove": (1, 1), "os.rmdir": (1, 1), "os.rename": (2, 2), "os.link": (2, 2),
    "os.symlink": (2, 2), "os.truncate": (1, None), "os.utime": (1, 3), "os.chmod": (1, 2), "os.chown": (1, 3),
    "shutil.rmtree": (1, 1), "tempfile.mkstemp": (1, None), "tempfile.mkdtemp": (1, None), "sqlite3.connect": (1, None),
}  # fmt: skip


def watch(notes):
    """Write one line of JSON for each path that changes from now on: the event and the whole path."""

    def changed(event, arguments):
        if event == "open":
            path, mode, flags = arguments
            return ([path] if flags & WRITING or set(mode or "") & set("wax+") else []), None
        count, place = EVENTS.get(event, (0, None))
        return arguments[:count], place

    def note(event, arguments):
        paths, place = changed(event, arguments)
        for path in paths:
            if not isinstance(path, int):
                folder = arguments[place] if place is not None and len(arguments) > place else -1
                is_open = isinstance(folder, int) and folder >= 0
                start = os.readlink(f"/proc/self/fd/{folder}") if is_open else ""  # noqa: PTH115
                whole = os.path.abspath(os.path.join(start, os.fsdecode(path)))  # noqa: PTH100, PTH118
                os.write(notes, f"{json.dumps([event, whole])}\n".encode())

    sys.addaudithook(note)


if "CHANGED" in os.environ:
    watch(os.open(os.environ["CHANGED"], os.O_WRONLY | os.O_APPEND | os.O_CREAT))
