"""Run everything that must pass before a change lands: `python -m tests`.

`python -m tests quick` runs a selection. `python -m tests proof` runs also what takes too long for every change.
"""

import os
import subprocess
import sys

STYLE = (["ruff", "check", "."], ["ruff", "format", "--check", "."])
WORKERS = (os.cpu_count() or 1) + 1  # one more than there are cores, because tests of the window often wait
PYTEST = ["pytest", "-q", "-n", str(WORKERS), "--dist", "worksteal"]


def main(argv):
    """Run the checks, those of every change or a selection, and say which of them failed."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    if argv not in ([], ["quick"], ["proof"]):
        print("python -m tests [quick | proof]", file=sys.stderr)
        return 2
    chosen = {"quick": "not slow and not proof", "proof": "slow or not slow"}.get("".join(argv), "not proof")
    types = [] if argv == ["quick"] else [["mypy"]]
    checks = (*STYLE, *types, [*PYTEST, "-m", chosen])
    failed = [check for check in checks if subprocess.run([sys.executable, "-m", *check], check=False).returncode]
    for check in failed:
        print(f"failed: {' '.join(check)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
