"""Run everything that must pass before a change lands: `python -m tests`, or a selection: `python -m tests quick`."""

import os
import subprocess
import sys

STYLE = (["ruff", "check", "."], ["ruff", "format", "--check", "."])
PYTEST = ["pytest", "-q", "-n", "auto", "--dist", "worksteal"]


def main(argv):
    """Run the checks, all of them or the quick ones, and say which of them failed."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    quick = argv == ["quick"]
    if argv and not quick:
        print("python -m tests [quick]", file=sys.stderr)
        return 2
    checks = (*STYLE, [*PYTEST, "-m", "not slow"]) if quick else (*STYLE, ["mypy"], PYTEST)
    failed = [check for check in checks if subprocess.run([sys.executable, "-m", *check], check=False).returncode]
    for check in failed:
        print(f"failed: {' '.join(check)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
