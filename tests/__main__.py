"""Run everything that must pass before a change lands: `python -m tests`.

`python -m tests quick` runs a selection. `python -m tests proof` runs what takes too long for every change, and nothing
else: see docs/proof.md.
"""

import os
import subprocess
import sys
from pathlib import Path

STYLE = (["ruff", "check", "."], ["ruff", "format", "--check", "."])
WORKERS = (os.cpu_count() or 1) + 1  # one more than there are cores, because tests of the window often wait
PYTEST = ["pytest", "-q", "-n", str(WORKERS), "--dist"]


def main(argv):
    """Run the checks: those of every change, a selection of them, or the proofs. Say which of them failed."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    if argv not in ([], ["quick"], ["proof"]):
        print("python -m tests [quick | proof]", file=sys.stderr)
        return 2
    chosen = {"quick": "not slow and not proof", "proof": "proof"}.get("".join(argv), "not proof")
    types = [] if argv == ["quick"] else [["mypy"]]
    checks = [*STYLE, *types, [*PYTEST, "worksteal", "-m", chosen]]
    if argv == ["proof"]:  # each process collects the tests, so it looks only into files that have proofs
        tests = sorted(Path("tests").rglob("test_*.py"))
        files = (str(path) for path in tests if "mark.proof" in path.read_text(encoding="utf-8"))
        one_by_one = ["load", "--maxschedchunk", "1"]  # in their order, the long ones first
        checks = [[*PYTEST, *one_by_one, "--durations=40", "-m", chosen, *files]]
    failed = [check for check in checks if subprocess.run([sys.executable, "-m", *check], check=False).returncode]
    for check in failed:
        print(f"failed: {' '.join(check)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
