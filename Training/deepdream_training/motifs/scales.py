"""Overlapping scales in rows, as of a fish or a dragon."""

import math

import numpy as np

from ..drawing.chance import happens, whole
from ..drawing.colours import colour_map, dimmed, natural
from ..drawing.fields import cell_hash, fractal_noise, warped_coordinates
from ..drawing.geometry import smoothstep
from ..drawing.shading import relief

KIND = "texture"
COLOURS = (
    ((0.55, 0.3, 0.95), (0.53, 0.6, 0.75), (0.56, 0.8, 0.35)),
    ((0.12, 0.5, 1), (0.09, 0.8, 0.85), (0.04, 0.9, 0.45)),
    ((0.25, 0.6, 0.9), (0.34, 0.8, 0.55), (0.4, 0.9, 0.25)),
)


def draw(random, size):
    x, y = warped_coordinates(random, size, scale=(1, 1))
    count = random.uniform(2, 5.5)
    distance, height, name, across = _rows(
        x * count, y * count * random.uniform(0.9, 1.4), random.uniform(0.74, 0.9), random.random() * 99
    )
    tone = distance * random.uniform(0.5, 0.9) + 0.25 * name + 0.2 * (fractal_noise(random, size, 2, 2) - 0.5)
    rgb = colour_map(np.clip(tone, 0, 1), natural(random, COLOURS, 0.6))
    if happens(random, 0.4):
        rgb = dimmed(rgb, 0.8 + 0.2 * np.cos(across * 10 * whole(random, 2, 3)))
    rgb = dimmed(rgb, 0.3 + 0.7 * smoothstep(1 - distance, 0, 0.12))
    return relief(random, rgb, height, random.uniform(1, 3))


def _rows(x, y, radius, seed):
    """Distance to the scale's centre, height, identity and offset; upper rows lie on top."""
    distance, height, name, across = (np.zeros_like(x) for _ in range(4))
    free = np.ones(x.shape, bool)
    for step in (-1, 0, 1):
        row = np.floor(y) + step
        shift = (row % 2) * 0.5
        column = np.round(x - shift)
        dx, dy = x - shift - column, (y - row) / 1.6
        r = np.sqrt(dx * dx + dy * dy) / radius
        here = (r < 1) & free
        distance = np.where(here, r, distance)
        height = np.where(here, np.sqrt(np.clip(1 - r * r * 0.9, 0, 1)) * 0.3 + 0.5 * dy, height)
        name = np.where(here, cell_hash(column, row, seed), name)
        across = np.where(here, dx * math.pi, across)
        free &= ~here
    return distance, height, name, across
