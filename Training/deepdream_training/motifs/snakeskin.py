"""Small keeled scales in a diamond pattern."""

import numpy as np

from ..drawing.chance import whole
from ..drawing.colours import dimmed, natural
from ..drawing.fields import cell_hash, warped_coordinates
from ..drawing.geometry import smoothstep
from ..drawing.shading import relief

KIND = "texture"
COLOURS = (
    ((0.09, 0.6, 0.3), (0.1, 0.5, 0.65), (0.12, 0.35, 0.95)),
    ((0.3, 0.8, 0.25), (0.27, 0.7, 0.6), (0.16, 0.6, 0.9)),
    ((0, 0, 0.12), (0.03, 0.85, 0.75), (0.13, 0.6, 0.95)),
)


def draw(random, size):
    x, y = warped_coordinates(random, size, scale=(1, 1))
    count = random.uniform(4, 9)
    u, v = (x + y) * count, (x - y) * count * random.uniform(0.8, 1.2)
    column, row = np.floor(u), np.floor(v)
    edge = np.maximum(abs(u - column - 0.5), abs(v - row - 0.5))
    rgb = _diamonds(column, row, whole(random, 3, 5), natural(random, COLOURS, 0.65))
    rgb = dimmed(rgb, (0.8 + 0.4 * cell_hash(column, row, 3)) * (0.3 + 0.7 * smoothstep(0.5 - edge, 0, 0.12)))
    height = np.sqrt(np.clip(0.25 - edge * edge, 0, 1)) * 1.2
    return relief(random, rgb, height, random.uniform(1, 3))


def _diamonds(column, row, period, colours):
    """Every scale's colour, by its distance from the centre of its diamond."""
    across = ((column + row) % (2 * period)) / period - 1
    down = ((column - row) % (2 * period)) / period - 1
    distance = (np.abs(across) + np.abs(down))[..., None]
    return np.where(distance < 0.7, colours[0], np.where(distance < 1.1, colours[1], colours[2]))
