"""Pebbles, closely packed."""

import numpy as np

from ..drawing.colours import colour_map, dimmed, natural
from ..drawing.fields import fractal_noise, voronoi, warped_coordinates
from ..drawing.geometry import smoothstep
from ..drawing.shading import relief

KIND = "texture"
COLOURS = (
    ((0.08, 0.25, 0.35), (0.07, 0.4, 0.6), (0.1, 0.2, 0.75), (0.58, 0.2, 0.55), (0.1, 0.1, 0.95)),
    ((0.55, 0.6, 0.4), (0.5, 0.5, 0.7), (0.1, 0.4, 0.8), (0.03, 0.6, 0.6), (0.13, 0.3, 0.95)),
)


def draw(random, size):
    x, y = warped_coordinates(random, size, 0.2)
    cells = voronoi(random, x, y, random.uniform(2, 5))
    border = cells.second - cells.nearest
    tone = np.clip(cells.identity + 0.3 * (fractal_noise(random, size, 8, 3) - 0.5), 0, 1)
    rgb = colour_map(tone, natural(random, COLOURS, 0.6))
    rgb = dimmed(rgb, 0.15 + 0.85 * smoothstep(border, 0.02, 0.15))
    return relief(random, rgb, np.sqrt(np.clip(border * 1.6, 0, 1)), random.uniform(1.5, 4))
