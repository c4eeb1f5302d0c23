"""Run everything that must pass before a change lands: `python -m tests`, or a selection: `python -m tests quick`."""

import os
import subprocess
import sys

STYLE = (["ruff", "check", "."], ["ruff", "format", "--check", "."])
PYTEST = ["pytest", "-q", "-n", "auto", "--dist", "worksteal"]
# A test of a window can run out of time while its neighbour takes the processor: what failed is run again, alone.
AGAIN = ["pytest", "-v", "--last-failed", "--last-failed-no-failures", "none", "-p", "no:randomly"]
SOME_FAILED = 1  # pytest's exit status if tests failed; others mean that it could not run them


def status(check):
    """Run a module of Python with its arguments and return its exit status."""
    return subprocess.run([sys.executable, "-m", *check], check=False).returncode


def main(argv):
    """Run the checks, all of them or the quick ones, and say which of them failed."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    quick = argv == ["quick"]
    if argv and not quick:
        print("python -m tests [quick]", file=sys.stderr)
        return 2
    checks = STYLE if quick else (*STYLE, ["mypy"])
    tests = [*PYTEST, "-m", "not slow"] if quick else PYTEST
    failed = [check for check in checks if status(check)]
    found = status(tests)
    if found == SOME_FAILED:
        print("These tests failed. Each is run once more, alone:", file=sys.stderr, flush=True)
        found = status(AGAIN)
    failed += [tests] if found else []
    for check in failed:
        print(f"failed: {' '.join(check)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
