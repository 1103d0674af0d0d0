"""Basketwork: bands that pass over and under each other."""

import numpy as np

from ..drawing.colours import dimmed, natural
from ..drawing.fields import warped_coordinates
from ..drawing.shading import relief

KIND = "texture"
COLOURS = (
    ((0.09, 0.6, 0.75), (0.08, 0.65, 0.5)),
    ((0.11, 0.45, 0.95), (0.1, 0.55, 0.7)),
    ((0, 0.85, 0.75), (0.6, 0.8, 0.5)),
)


def draw(random, size):
    x, y = warped_coordinates(random, size, 0.12, scale=(1, 1))
    count = random.uniform(3, 8)
    x, y = x * count, y * count
    column, row = np.floor(x), np.floor(y)
    across, down = x - column - 0.5, y - row - 0.5
    over = (column + row) % 2 == 0
    bow = np.where(over, _band(across, down), _band(down, across))
    threads = np.where(over, np.sin(across * 25), np.sin(down * 25))
    first, second = natural(random, COLOURS, 0.6)
    rgb = dimmed(np.where(over[..., None], first, second), 0.5 + 0.5 * bow + 0.1 * threads)
    return relief(random, rgb, bow * 0.7, random.uniform(0.8, 2))


def _band(across, along):
    return np.cos(across * 2.6) * (0.7 + 0.3 * np.cos(along * 3.1))
