"""Scalar fields over a square picture: noise, cells, reaction-diffusion, streaks."""

import math
from typing import NamedTuple

import cv2
import numpy as np
from numpy.random import Generator

from .geometry import grid, resample

Array = np.ndarray


def value_noise(random: Generator, size: int, cells: float) -> Array:
    """Smooth noise with about `cells` bumps along each side."""
    cells = max(2, int(cells))
    lattice = random.random((cells + 3, cells + 3), dtype=np.float32)
    enlarged = size * (cells + 3) // cells + 2
    field = cv2.resize(lattice, (enlarged, enlarged), interpolation=cv2.INTER_CUBIC)
    margin = enlarged // (2 * (cells + 3))
    return field[margin : margin + size, margin : margin + size]


def fractal_noise(
    random: Generator, size: int, cells: float = 3, octaves: int = 4, gain: float = 0.5
) -> Array:
    """Value noise of several frequencies, each twice the last, stretched to 0...1."""
    total = np.zeros((size, size), np.float32)
    for octave in range(octaves):
        frequency = cells * 2**octave
        if frequency > size:
            break
        total += gain**octave * value_noise(random, size, frequency)
    low, high = float(total.min()), float(total.max())
    return (total - low) / (high - low + 1e-6)


def cell_hash(column: Array, row: Array, seed: float) -> Array:
    """A number in 0...1 for each lattice cell, as good as random."""
    return (np.sin(column * 127.1 + row * 311.7 + seed * 0.37) * 43758.5453) % 1


class Cells(NamedTuple):
    """A Voronoi diagram: distances to the two nearest centres, and about the nearest its
    identity in 0...1 and the vector that leads to it."""

    nearest: Array
    second: Array
    identity: Array
    offset_x: Array
    offset_y: Array


def voronoi(random: Generator, x: Array, y: Array, count: float, jitter: float = 0.9) -> Cells:
    """Cells around the jittered points of a lattice of `count` points per unit."""
    seed = random.random() * 100
    x, y = x * count, y * count
    column, row = np.floor(x), np.floor(y)
    nearest = np.full(x.shape, 9, np.float32)
    second = nearest.copy()
    identity, offset_x, offset_y = (np.zeros(x.shape, np.float32) for _ in range(3))
    for step_x in (-1, 0, 1):
        for step_y in (-1, 0, 1):
            i, j = column + step_x, row + step_y
            name = cell_hash(i, j, seed)
            dx = i + 0.5 + jitter * (name - 0.5) - x
            dy = j + 0.5 + jitter * (cell_hash(j + 7, i - 3, seed + 5) - 0.5) - y
            squared = dx * dx + dy * dy
            closer = squared < nearest
            second = np.where(closer, nearest, np.minimum(second, squared))
            nearest = np.where(closer, squared, nearest)
            identity = np.where(closer, name, identity)
            offset_x = np.where(closer, dx, offset_x)
            offset_y = np.where(closer, dy, offset_y)
    return Cells(np.sqrt(nearest), np.sqrt(second), identity, offset_x, offset_y)


def reaction_diffusion(
    random: Generator, size: int, wavelength: float, bias: float = 0, steps: int = 7
) -> Array:
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
