"""Everything that must pass before a change lands, in one command: `python -m tests`."""

import os
import subprocess
import sys

CHECKS = (["ruff", "check", "."], ["ruff", "format", "--check", "."], ["mypy"], ["pytest", "-q"])


def main():
    """Run all checks, and say which of them failed."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    failed = [check for check in CHECKS if subprocess.run([sys.executable, "-m", *check], check=False).returncode]
    for check in failed:
        print(f"failed: {' '.join(check)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
