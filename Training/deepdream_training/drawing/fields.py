"""Scalar fields over a square picture: noise, cells, reaction-diffusion, streaks."""

import math
from functools import cache
from typing import NamedTuple

import cv2
import numpy as np
from numpy.random import Generator

from .chance import angle, happens
from .geometry import grid, resample

Array = np.ndarray
TABLE = 64
"""Voronoi cells repeat after so many (a power of two)."""


def value_noise(random: Generator, size: int, cells: float) -> Array:
    """Smooth noise with about `cells` bumps along each side."""
    weights = _cubic_weights(size, max(2, int(cells)))
    lattice = random.random((weights.shape[1], weights.shape[1]), dtype=np.float32)
    # OpenCV's matrix product: NumPy's starts threads, which slow each other down in a pool of processes.
    rows = cv2.gemm(weights, lattice, 1, None, 0)
    return cv2.gemm(rows, weights, 1, None, 0, flags=cv2.GEMM_2_T)


@cache
def _cubic_weights(size: int, cells: int) -> Array:
    """The weight of each lattice point, margin included, for each of `size` pixels along one axis."""
    points = cells + 3
    enlarged = size * points // cells + 2
    identity = np.eye(points, dtype=np.float32)
    weights = cv2.resize(identity, (points, enlarged), interpolation=cv2.INTER_CUBIC)
    margin = enlarged // (2 * points)
    return np.ascontiguousarray(weights[margin : margin + size])


def fractal_noise(random: Generator, size: int, cells: float = 3, octaves: int = 4, gain: float = 0.5) -> Array:
    """Value noise of several frequencies, each twice the previous one, stretched to 0...1."""
    total = np.zeros((size, size), np.float32)
    for octave in range(octaves):
        frequency = cells * 2**octave
        if frequency > size:
            break
        total += gain**octave * value_noise(random, size, frequency)
    low, high = float(total.min()), float(total.max())
    return (total - low) / (high - low + 1e-6)


def warped_coordinates(
    random: Generator,
    size: int,
    warp: float = 0.15,
    turned: bool = True,
    scale: tuple[float, float] = (0.8, 1.3),
) -> tuple[Array, Array]:
    """The grid distorted by noise, rotated, scaled, shifted, and sometimes in perspective."""
    x, y = grid(size)
    if warp and happens(random, 0.7):
        strength = random.uniform(0, warp)
        x = x + strength * (fractal_noise(random, size, 2, 2) * 2 - 1)
        y = y + strength * (fractal_noise(random, size, 2, 2) * 2 - 1)
    if happens(random, 0.3):
        nearness = 1 / (1 + random.uniform(-0.35, 0.35) * y)
        x, y = x * nearness, y * nearness
    turn = angle(random) if turned else random.uniform(-0.2, 0.2)
    cosine, sine = math.cos(turn), math.sin(turn)
    zoom = random.uniform(*scale)
    shift_x, shift_y = random.uniform(-0.5, 0.5), random.uniform(-0.5, 0.5)
    return (x * cosine - y * sine) * zoom + shift_x, (x * sine + y * cosine) * zoom + shift_y


def cell_hash(column: Array, row: Array, seed: float) -> Array:
    """A pseudo-random number in 0...1 for each lattice cell."""
    return (np.sin(column * 127.1 + row * 311.7 + seed * 0.37) * 43758.5453) % 1


class Cells(NamedTuple):
    """A Voronoi diagram: the distances to the two nearest centres; the nearest one's identity, 0...1, and direction."""

    nearest: Array
    second: Array
    identity: Array
    offset_x: Array
    offset_y: Array


def voronoi(random: Generator, x: Array, y: Array, count: float, jitter: float = 0.9) -> Cells:
    """Cells around the jittered points of a lattice of `count` points per unit."""
    names, shifts = random.random((2, TABLE, TABLE), dtype=np.float32)
    x, y = x * count, y * count
    column, row = np.floor(x).astype(np.int32), np.floor(y).astype(np.int32)
    nearest = np.full(x.shape, 9, np.float32)
    second = nearest.copy()
    identity, offset_x, offset_y = (np.zeros(x.shape, np.float32) for _ in range(3))
    for step_x in (-1, 0, 1):
        for step_y in (-1, 0, 1):
            i, j = column + step_x, row + step_y
            cell = (j & (TABLE - 1)) * TABLE + (i & (TABLE - 1))
            name, shift = names.take(cell), shifts.take(cell)
            dx = (i - x).astype(np.float32) + (0.5 + jitter * (name - 0.5))
            dy = (j - y).astype(np.float32) + (0.5 + jitter * (shift - 0.5))
            squared = dx * dx + dy * dy
            closer = squared < nearest
            second = np.where(closer, nearest, np.minimum(second, squared))
            nearest = np.where(closer, squared, nearest)
            identity = np.where(closer, name, identity)
            offset_x = np.where(closer, dx, offset_x)
            offset_y = np.where(closer, dy, offset_y)
    return Cells(np.sqrt(nearest), np.sqrt(second), identity, offset_x, offset_y)


def reaction_diffusion(random: Generator, size: int, wavelength: float, bias: float = 0, steps: int = 7) -> Array:
    """A Turing pattern in -1...1: a labyrinth, or dots where `bias` is far from zero."""
    field = random.standard_normal((size, size), dtype=np.float32)
    inner = wavelength * 0.28
    for _ in range(steps):
        near = cv2.GaussianBlur(field, (0, 0), inner)
        far = cv2.GaussianBlur(field, (0, 0), inner * 1.75)
        difference = near - far
        field = np.tanh(difference / float(difference.std() + 1e-6) * 1.6 + bias)
    return cv2.GaussianBlur(field, (0, 0), 0.7)


def line_integral_convolution(random: Generator, size: int, direction: Array, length: int = 8) -> Array:
    """Noise smeared along a field of directions (radians): fur, brush strokes. Mean 0, deviation 1."""
    streaks = random.random((size, size), dtype=np.float32)
    x, y = grid(size)
    step_x, step_y = np.cos(direction) * (2 / size), np.sin(direction) * (2 / size)
    for doubling in range(int(math.log2(length)) + 1):
        moved = resample(streaks, x + step_x * 2**doubling, y + step_y * 2**doubling)
        streaks = 0.5 * (streaks + moved)
    return (streaks - streaks.mean()) / (streaks.std() + 1e-6)


def swirling_fur(random: Generator, size: int, length: int = 8) -> Array:
    """Short hair that follows slow swirls."""
    direction = fractal_noise(random, size, 2, 2) * 4 + random.random() * 6.28
    return line_integral_convolution(random, size, direction, length)
