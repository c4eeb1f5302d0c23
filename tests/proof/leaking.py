"""Something that leaks a little of each kind, to show that the proofs of leaks see it.

`python -m tests.proof.leaking` prints the growth as JSON. It is a process of its own, because in the process of other
tests their windows and files may end while it is measured.
"""

import json
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from PySide6.QtWidgets import QApplication, QWidget

from tests.proof.leaks import growth


def main():
    kept, ends, application = [], threading.Event(), QApplication([])

    def leak(n):
        kept.append(bytearray(2**20))
        kept.append((Path(folder) / str(n)).open("w", encoding="ascii"))
        kept.append(QWidget())
        kept.append(threading.Thread(target=ends.wait))
        kept[-1].start()
        kept.append(subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) if n == 7 else None)

    with tempfile.TemporaryDirectory() as folder:
        left = growth(leak, 8, 2)
        ends.set()
        kept[-1].communicate(b"\n")
        kept.clear()
    application.quit()
    print(json.dumps(left), flush=True)


if __name__ == "__main__":
    main()
