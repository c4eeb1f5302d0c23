"""The threads of the decoder's matrix products: one for each core."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import cache

import torch

from engine import threads


@cache
def cores() -> ThreadPoolExecutor:
    """One thread for each core, each with its own matrix products; threads that share a product wait for each other.

    A task in one of these threads must not wait for another one.
    """
    return ThreadPoolExecutor(threads.number(), "lattice", initializer=lambda: torch.set_num_threads(1))
