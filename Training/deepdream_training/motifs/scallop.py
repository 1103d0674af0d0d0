"""A scallop shell: a ribbed fan."""

import math

import numpy as np

from ..drawing.chance import whole
from ..drawing.colours import colour_map, natural
from ..drawing.geometry import coverage, grid, polar
from ..drawing.shading import relief

KIND = "object"
COLOURS = (
    ((0.02, 0.6, 0.6), (0.04, 0.6, 0.9), (0.07, 0.35, 1), (0.1, 0.1, 1)),
    ((0.08, 0.7, 0.5), (0.1, 0.6, 0.8), (0.12, 0.3, 0.95), (0.1, 0.1, 1)),
    ((0.8, 0.5, 0.5), (0.88, 0.45, 0.8), (0.95, 0.3, 0.95), (0.1, 0.1, 1)),
)


def draw(random, size):
    x, y = grid(size)
    radius, turn = polar(x, y - 0.8)
    turn = (turn + math.pi + math.pi / 2) % math.tau - math.pi
    ribs = np.cos(turn * 2 * whole(random, 11, 20))
    spread = random.uniform(0.85, 1.15)
    rim = 1.65 * (1 - 0.22 * (turn / spread) ** 2) + 0.03 * ribs - radius
    inside = np.minimum(rim, (spread - np.abs(turn)) * radius)
    tone = 0.5 + 0.25 * np.sin(radius * random.uniform(6, 20)) + 0.25 * ribs
    rgb = colour_map(np.clip(tone, 0, 1), natural(random, COLOURS))
    height = (ribs * 0.4 + np.clip(inside * 2, 0, 0.5)) * np.minimum(radius, 1)
    return relief(random, rgb, height, random.uniform(1.5, 4)), coverage(inside, size)
