"""Wavy stripes on short fur."""

import numpy as np

from ..drawing.colours import blend, dimmed, natural
from ..drawing.fields import fractal_noise, swirling_fur, warped_coordinates
from ..drawing.geometry import smoothstep

KIND = "texture"
COLOURS = (
    ((0.1, 0.2, 0.06), (0.1, 0.05, 0.95)),
    ((0.08, 0.6, 0.1), (0.07, 0.85, 0.95)),
)


def draw(random, size):
    x, y = warped_coordinates(random, size, 0.5, scale=(0.6, 1.2))
    phase = y * random.uniform(6, 16) + 2.5 * (fractal_noise(random, size, 2, 3) * 2 - 1)
    phase += 1.2 * np.abs(x) * random.uniform(-3, 3)
    stripes = np.sin(phase) + 0.5 * (fractal_noise(random, size, 3, 3) - 0.5)
    dark, bright = natural(random, COLOURS)
    rgb = blend(dark, bright, smoothstep(stripes, -0.12, 0.12))
    fur = 1 + 0.12 * swirling_fur(random, size)
    return dimmed(rgb, fur * (0.65 + 0.45 * fractal_noise(random, size, 2, 2)))
