"""Data-parallel training: the device of a process, and its part of every batch.

Every process draws order, augmentation and noise for the whole batch and uses its part, so that several processes
train exactly what one process trains.
"""

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


class DataParallel(msgspec.Struct, frozen=True):
    """The division of each batch among `processes`; this process has the number `rank`, from 0."""

    rank: int = 0
    processes: int = 1

    def of(self, n: int) -> slice:
        """Return the slice of the n images of a batch that this process uses; all slices have nearly equal length."""
        return slice(n * self.rank // self.processes, n * (self.rank + 1) // self.processes)

    def wrapped(self, module: nn.Module, device: torch.device) -> nn.Module:
        """Return the module, or a wrapper that averages its gradients over all processes if there are several."""
        if self.processes == 1:
            return module
        return DistributedDataParallel(module, device_ids=[device.index] if device.type == "cuda" else None)

    def summed(self, numbers: Tensor) -> Tensor:
        """Return the sum of these numbers over all processes; every process receives the same sum."""
        if self.processes > 1:
            dist.all_reduce(numbers)
        return numbers


def prepared(name: str, threads: int) -> torch.device:
    """Set the number of CPU threads, and return the device "cpu", "cuda" or "mps"; "auto" prefers a GPU.

    Raises ValueError, in one sentence, if the device is not available.
    """
    torch.set_num_threads(threads)
    keep_memory()
    available = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if name == "auto":
        name = next(kind for kind, is_available in available.items() if is_available)
    if not available[name]:
        names = " and ".join(kind for kind in available if available[kind])
        raise ValueError(f"The device {name} is not available. Choose from {names}.")
    return torch.device(name, int(os.environ.get("LOCAL_RANK", "0"))) if name == "cuda" else torch.device(name)


def keep_memory() -> None:
    """On Linux, make this process keep freed memory for the next training step.

    Otherwise glibc returns each large gradient to the system and requests it again, with 400 page faults in each step;
    this takes a tenth of the time.
    """
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt"):
        libc.mallopt(M_MMAP_THRESHOLD, 32 * 2**20)
        libc.mallopt(M_TRIM_THRESHOLD, 512 * 2**20)


@contextmanager
def joined(device: torch.device) -> Iterator[DataParallel]:
    """Join the processes that torchrun started until the end of the block, and yield the division of batches.

    Without torchrun this is the only process.
    """
    processes = int(os.environ.get("WORLD_SIZE", "1"))
    if processes == 1:
        yield DataParallel()
        return
    if device.type == "cuda":
        torch.cuda.set_device(device)
    warnings.filterwarnings("ignore", "Grad strides do not match")  # harmless: filters with one channel
    dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
    try:
        yield DataParallel(dist.get_rank(), processes)
        dist.barrier()  # torchrun ends all processes if one fails while it exits, and the first must save before
    finally:
        dist.destroy_process_group()
