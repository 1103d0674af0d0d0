"""Random choices from a NumPy generator, as Python numbers, which keep float32 arrays float32."""

from collections.abc import Sequence
from typing import Any

from numpy.random import Generator


def whole(random: Generator, low: int, high: int) -> int:
    """A whole number from `low` to `high`, both included."""
    return int(random.integers(low, high + 1))


def happens(random: Generator, probability: float) -> bool:
    return random.random() < probability


def pick(random: Generator, items: Sequence[Any]) -> Any:
    return items[int(random.integers(len(items)))]


def sign(random: Generator) -> int:
    return 1 if random.random() < 0.5 else -1


def angle(random: Generator) -> float:
    """A random angle in radians, uniformly distributed."""
    return random.random() * 6.283185307179586
