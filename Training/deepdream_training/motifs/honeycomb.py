"""Hexagonal cells with raised walls."""

import math

import numpy as np

from ..drawing.colours import blend, colour_map, natural
from ..drawing.fields import cell_hash, warped_coordinates
from ..drawing.geometry import smoothstep
from ..drawing.shading import relief

KIND = "texture"
COLOURS = (
    ((0.07, 0.9, 0.3), (0.09, 0.95, 0.65), (0.11, 0.9, 0.95), (0.13, 0.6, 1)),
    ((0.1, 0.95, 0.8), (0.12, 0.9, 0.95), (0.14, 0.7, 1), (0.06, 0.8, 0.35)),
)
HEIGHT = math.sqrt(3)


def draw(random, size):
    x, y = warped_coordinates(random, size, 0.12, scale=(1, 1))
    count = random.uniform(3, 7)
    x, y = x * count, y * count
    dx, dy = _offsets(x, y)
    distance = np.maximum(abs(dx), abs(dx) * 0.5 + abs(dy) * HEIGHT / 2)
    name = cell_hash(np.round((x - dx) * 2), np.round((y - dy) * 3), 3)
    edge = random.uniform(0.38, 0.46)
    wall = smoothstep(distance, edge - 0.03, edge)
    colours = natural(random, COLOURS)
    rgb = colour_map(np.clip(name * 0.5 + distance * 0.8, 0, 1), colours[:3])
    return relief(random, blend(rgb, colours[3], wall), wall * 0.5 + 0.3 * distance, random.uniform(1, 4))


def _offsets(x, y):
    """The vector from the centre of each pixel's hexagon."""
    even_x, even_y = x % 1 - 0.5, y % HEIGHT - HEIGHT / 2
    odd_x, odd_y = (x - 0.5) % 1 - 0.5, (y - HEIGHT / 2) % HEIGHT - HEIGHT / 2
    nearer = even_x**2 + even_y**2 < odd_x**2 + odd_y**2
    return np.where(nearer, even_x, odd_x), np.where(nearer, even_y, odd_y)
