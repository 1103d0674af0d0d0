"""A toothed wheel of metal."""

import math

import numpy as np

from ..drawing.chance import whole
from ..drawing.colours import dimmed, natural_colour
from ..drawing.geometry import coverage, grid, polar, smoothstep
from ..drawing.shading import relief

KIND = "object"
METALS = ((0.6, 0.12, 0.7), (0.12, 0.7, 0.85), (0.05, 0.65, 0.7), (0.6, 0.2, 0.4))


def draw(random, size):
    radius, turn = polar(*grid(size))
    teeth = np.clip(np.cos(whole(random, 8, 20) * turn) * random.uniform(2, 5), -1, 1)
    inside = np.minimum(0.85 + 0.1 * teeth - radius, radius - random.uniform(0.12, 0.25))
    holes = whole(random, 0, 6)
    if holes > 2:
        wedge = ((turn * holes / math.tau) % 1 - 0.5) * math.tau / holes
        hole = np.hypot(radius * np.cos(wedge) - 0.5, radius * np.sin(wedge))
        inside = np.minimum(inside, hole - random.uniform(0.1, 0.2))
    turned = 0.85 + 0.15 * np.sin(radius * 60)
    groove = np.where((radius > 0.55) & (radius < 0.6), 0.5, 1)
    rgb = dimmed(natural_colour(random, METALS, 0.65), turned * groove)
    height = smoothstep(inside, 0, 0.06)
    rgb = relief(random, rgb, height, random.uniform(1, 3), random.uniform(0.2, 0.8))
    return rgb, coverage(inside, size)
