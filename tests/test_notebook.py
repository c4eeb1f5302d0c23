"""The notebook of docs runs, imports no Qt, and its numbers agree with each other."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CHECKS = """
import sys
assert not any(name.startswith("PySide6") for name in sys.modules)
assert abs(left - right) < 1e-9
assert abs(sum(terms) - posterior.log_evidence) < 1e-9
assert best.log_evidence >= bumps.condition(u, v).log_evidence
assert abs(elbo - exact.elbo) < 5 * error
assert 0 < exact.gap < 20
assert half.log_evidence > exact.log_evidence
moved = [abs(each.weights.mean[0] - posterior.weights.mean[0]) for each in (gaussian, robust)]
assert moved[0] > moved[1]
print("checked", len(plt.get_fignums()))
"""


def code():
    """The code cells of the notebook."""
    cells = json.loads((ROOT / "docs" / "notebook.ipynb").read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]


def test_the_notebook_has_no_outputs_and_twenty_cells():
    text = (ROOT / "docs" / "notebook.ipynb").read_text(encoding="utf-8")
    assert len(code()) == 20
    assert not any(cell.get("outputs") for cell in json.loads(text)["cells"])


@pytest.mark.proof
def test_every_cell_runs(tmp_path):
    script = tmp_path / "notebook.py"
    script.write_text("\n".join([*code(), CHECKS]), encoding="utf-8")
    environment = {**os.environ, "MPLBACKEND": "agg", "PYTHONPATH": str(ROOT), "HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, "-W", "error", str(script)], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("checked 9\n")
