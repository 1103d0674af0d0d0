"""Soap bubbles or drops, with window glints."""

import numpy as np

from ..drawing.chance import happens
from ..drawing.colours import blend, colour_map, dimmed, natural, random_map
from ..drawing.fields import fractal_noise, voronoi, warped_coordinates
from ..drawing.geometry import smoothstep

KIND = "texture"
COLOURS = (
    ((0.55, 0.6, 0.95), (0.75, 0.5, 0.9), (0.9, 0.5, 0.95), (0.15, 0.5, 1), (0.45, 0.6, 0.9)),
    ((0.6, 0.9, 0.4), (0.55, 0.8, 0.7), (0.5, 0.6, 0.9), (0.5, 0.3, 1), (0.5, 0.1, 1)),
)


def draw(random, size):
    x, y = warped_coordinates(random, size, 0.1)
    cells = voronoi(random, x, y, random.uniform(1.5, 4), 0.6)
    radius = 0.3 + 0.15 * cells.identity
    distance = np.clip(cells.nearest / radius, 0, 1)
    tone = np.clip(cells.identity * 0.6 + 0.4 * distance, 0, 1)
    rgb = dimmed(colour_map(tone, natural(random, COLOURS, 0.6)), 0.35 + 0.65 * (1 - distance**3))
    glint_x, glint_y = cells.offset_x / radius - 0.35, cells.offset_y / radius - 0.35
    glint = np.exp(-(glint_x**2 + glint_y**2) * 20)
    rim = 0.5 * np.exp(-((distance - 0.85) ** 2) * 80) * (cells.offset_y < 0)
    rgb = rgb + 0.9 * (glint + rim)[..., None]
    ground = random_map(random, fractal_noise(random, size, 2, 3), 3) * (0.6 if happens(random, 0.7) else 1)
    return np.clip(blend(ground, rgb, smoothstep(1 - cells.nearest / radius, 0, 0.06)), 0, 1)
