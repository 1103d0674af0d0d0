"""Two or more processes that train one network: each takes a share of every batch, and gradients are averaged.

On few cores that is half as fast again as one process of as many threads: InceptionV3's many small convolutions leave
threads waiting for each other.
"""

import pickle
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from multiprocessing.queues import SimpleQueue
from multiprocessing.synchronize import Barrier
from typing import Any

import torch
from torch import multiprocessing

#: More than the network and its heads have numbers.
CAPACITY = 16_000_000


@dataclass
class Team:
    """One process's view: its rank, how many there are, shared memory of workers×numbers, a barrier, and what is
    sent to the first one.
    """

    rank: int
    workers: int
    shared: torch.Tensor
    barrier: Barrier
    sent: SimpleQueue

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

    def gathered(self, own: Any) -> list:
        """What each process calls this with, by rank; only the first one gets it."""
        found = []
        if self.rank > 0:
            # As bytes: torch would move the tensors that are in use to shared memory.
            self.sent.put((self.rank, pickle.dumps(own)))
        else:
            others = sorted(self.sent.get() for _ in range(1, self.workers))
            found = [own, *(pickle.loads(other) for _, other in others)]
        # A fast process's next message must not take the place of a slow one's.
        self.barrier.wait()
        return found


def alone() -> Team:
    context = multiprocessing.get_context("spawn")
    return Team(0, 1, torch.empty(0), context.Barrier(1), context.SimpleQueue())


def run_team(workers: int, work: Callable[..., None], *arguments) -> None:
    """Calls `work(team, *arguments)` in so many processes of one thread each, and waits; one failure ends all."""
    context = multiprocessing.get_context("spawn")
    shared = torch.empty(workers, CAPACITY).share_memory_()
    team = workers, shared, context.Barrier(workers), context.SimpleQueue()
    multiprocessing.spawn(_start, (team, work, arguments), nprocs=workers)


def _start(rank: int, team: tuple, work: Callable, arguments: tuple) -> None:
    torch.set_num_threads(1)
    work(Team(rank, *team), *arguments)
