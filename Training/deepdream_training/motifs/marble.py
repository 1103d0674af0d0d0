"""Veined marble."""

import numpy as np

from ..drawing.colours import colour_map, natural
from ..drawing.fields import fractal_noise, warped_coordinates

KIND = "texture"
COLOURS = (
    ((0.6, 0.3, 0.2), (0.6, 0.15, 0.65), (0.1, 0.06, 0.9), (0.1, 0.03, 1)),
    ((0.13, 0.6, 0.9), (0.42, 0.8, 0.25), (0.4, 0.7, 0.4), (0.38, 0.5, 0.6)),
    ((0.1, 0.2, 1), (0.03, 0.6, 0.5), (0.02, 0.5, 0.7), (0.04, 0.35, 0.9)),
)


def draw(random, size):
    x, _ = warped_coordinates(random, size)
    bend = random.uniform(2, 5) * (fractal_noise(random, size, 2, 5, 0.6) - 0.5) * 2
    veins = np.abs(np.sin((x * random.uniform(1, 4) + bend) * random.uniform(1, 2.5)))
    return colour_map(veins ** random.uniform(0.3, 1), natural(random, COLOURS, 0.6))
