"""Coordinates of a square picture: both axes run from -1 (left, top) to 1 (right, bottom)."""

import math
from functools import cache

import cv2
import numpy as np
from numpy.random import Generator

from .chance import angle, happens

cv2.setNumThreads(1)

Array = np.ndarray


@cache
def grid(size: int) -> tuple[Array, Array]:
    """x and y at every pixel's centre. Shared between calls: do not write into them."""
    axis = (np.arange(size, dtype=np.float32) + 0.5) / size * 2 - 1
    return np.tile(axis, (size, 1)), np.tile(axis[:, None], (1, size))


def polar(x: Array, y: Array) -> tuple[Array, Array]:
    """Radius (never zero) and angle."""
    return np.sqrt(x * x + y * y) + 1e-6, np.arctan2(y, x)


def smoothstep(values: Array, low: float, high: float) -> Array:
    """0 below `low`, 1 above `high`, an S-shaped ramp between them."""
    ramp = np.clip((values - low) / (high - low + 1e-9), 0, 1)
    return ramp * ramp * (3 - 2 * ramp)


def coverage(distance: Array, size: int) -> Array:
    """Antialiased alpha of a shape, from the distance to its outline (positive inside)."""
    return np.clip(distance * size / 2 + 0.5, 0, 1).astype(np.float32)


def resample(picture: Array, x: Array, y: Array) -> Array:
    """The picture's values at the positions (x, y), mirrored beyond its borders."""
    half = picture.shape[0] / 2
    columns = ((x + 1) * half - 0.5).astype(np.float32)
    rows = ((y + 1) * half - 0.5).astype(np.float32)
    return cv2.remap(picture, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)


def warped_coordinates(
    random: Generator,
    size: int,
    warp: float = 0.15,
    turned: bool = True,
    scale: tuple[float, float] = (0.8, 1.3),
) -> tuple[Array, Array]:
    """The grid bent by noise, sometimes seen in perspective, turned, scaled and shifted."""
    from .fields import fractal_noise

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
