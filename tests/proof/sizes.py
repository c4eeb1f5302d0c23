"""How large each proof is. With these sizes all proofs together take about an hour on two cores.

`MUTANTS=1000 python -m tests proof` changes one of them, and `PROOF=0.1 python -m tests proof` takes a tenth of each.
docs/proof.md says what each part does and how long it takes.
"""

import os

SIZES = {
    "MUTANTS": 100_000,  # damaged files
    "KILLS": 200,  # of the window, of its training, or of both
    "WINDOWS": 200,  # that are opened and closed
    "EDITS": 2000,  # that are drawn and undone
    "HOVERS": 2000,  # over the latent plane
    "TRAININGS": 20,  # that are started and stopped
    "PASSES": 20,  # through the whole lecture
    "EVENTS": 5000,  # at random, from each of 20 seeds
    "SCREEN_EVENTS": 500,  # at random on a screen of X11, from each of 3 seeds
    "ACTS": 120,  # at random in both documents and a lecture, from each of 20 seeds
}


def size(name):
    """How many of these there are: of the environment's own, else the share PROOF of SIZES, at least 1."""
    share = float(os.environ.get("PROOF", 1))
    return int(os.environ.get(name, max(1, round(share * SIZES[name]))))
