"""Coordinates of a square picture: both axes run from -1 (left, top) to 1 (right, bottom)."""

from functools import cache

import cv2
import numpy as np

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
