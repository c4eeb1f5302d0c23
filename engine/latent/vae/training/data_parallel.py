"""Sharing the work: on which device a process trains, and which part of every batch is its own."""

from __future__ import annotations

import ctypes
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # of malloc.h


class Share(msgspec.Struct, frozen=True):
    """The part of each batch that this process takes: the one of number `rank`, from 0, of `processes`."""

    rank: int = 0
    processes: int = 1

    def of(self, n: int) -> slice:
        """Which of the n images of a batch are its own; nearly equally many for every process."""
        return slice(n * self.rank // self.processes, n * (self.rank + 1) // self.processes)

    def wrapped(self, module: nn.Module, device: torch.device) -> nn.Module:
        """The module, with its gradients averaged over all processes if there are several."""
        if self.processes == 1:
            return module
        return DistributedDataParallel(module, device_ids=[device.index] if device.type == "cuda" else None)

    def summed(self, numbers: Tensor) -> Tensor:
        """The sum of everybody's numbers, the same for every process."""
        if self.processes > 1:
            dist.all_reduce(numbers)
        return numbers


def prepared(name: str, threads: int) -> torch.device:
    """The device "cpu", "cuda" or "mps", or with "auto" a GPU if there is one; with so many threads on the processor.

    Raises ValueError, in one sentence, if it is not there.
    """
    torch.set_num_threads(threads)
    keep_memory()
    found = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if name == "auto":
        name = next(kind for kind, there in found.items() if there)
    if not found[name]:
        there = " and ".join(kind for kind in found if found[kind])
        raise ValueError(f"There is no device {name} here; there is {there}.")
    return torch.device(name, int(os.environ.get("LOCAL_RANK", "0"))) if name == "cuda" else torch.device(name)


def keep_memory() -> None:
    """Let this process keep the memory that it frees, for the next step of training, where the system is Linux.

    glibc otherwise gives each large gradient back and takes it anew: 400 page faults and a tenth of the time of a step.
    """
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt"):
        libc.mallopt(M_MMAP_THRESHOLD, 32 * 2**20)
        libc.mallopt(M_TRIM_THRESHOLD, 512 * 2**20)


@contextmanager
def joined(device: torch.device) -> Iterator[Share]:
    """This process's share among those that torchrun started, until the end of the block; without torchrun, all."""
    processes = int(os.environ.get("WORLD_SIZE", "1"))
    if processes == 1:
        yield Share()
        return
    if device.type == "cuda":
        torch.cuda.set_device(device)
    warnings.filterwarnings("ignore", "Grad strides do not match")  # one channel's filters: nothing to be done about it
    dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
    try:
        yield Share(dist.get_rank(), processes)
    finally:
        dist.destroy_process_group()
