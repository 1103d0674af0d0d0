"""Two or more processes that train one network: each takes a share of every batch, and gradients are averaged.

On few cores that is half as fast again as one process of as many threads: InceptionV3's many small convolutions leave
threads waiting for each other.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from multiprocessing.synchronize import Barrier

import torch
from torch import multiprocessing

#: More than the network and its heads have numbers.
CAPACITY = 16_000_000


@dataclass
class Team:
    """One process's view: its rank, how many there are, shared memory of workers×numbers, and a barrier."""

    rank: int
    workers: int
    shared: torch.Tensor
    barrier: Barrier

    @torch.no_grad()
    def average(self, tensors: Iterable[torch.Tensor]) -> None:
        """Replaces float tensors, the same ones in each process, by their averages over the team."""
        if self.workers == 1:
            return
        tensors = list(tensors)
        flat = torch.cat([tensor.flatten() for tensor in tensors])
        self.shared[self.rank, : flat.numel()] = flat
        self.barrier.wait()
        mean = self.shared[:, : flat.numel()].mean(0)
        self.barrier.wait()
        parts = mean.split([tensor.numel() for tensor in tensors])
        torch._foreach_copy_(tensors, [part.view(tensor.shape) for part, tensor in zip(parts, tensors, strict=True)])


def alone() -> Team:
    return Team(0, 1, torch.empty(0), multiprocessing.get_context("spawn").Barrier(1))


def run_team(workers: int, work: Callable[..., None], *arguments) -> None:
    """Calls `work(team, *arguments)` in so many processes of one thread each, and waits; one failure ends all."""
    context = multiprocessing.get_context("spawn")
    shared = torch.empty(workers, CAPACITY).share_memory_()
    multiprocessing.spawn(_start, (workers, shared, context.Barrier(workers), work, arguments), nprocs=workers)


def _start(rank: int, workers: int, shared: torch.Tensor, barrier: Barrier, work: Callable, arguments: tuple) -> None:
    torch.set_num_threads(1)
    work(Team(rank, workers, shared, barrier), *arguments)
