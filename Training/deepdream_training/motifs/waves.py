"""The sea's surface, seen towards the horizon."""

import numpy as np

from ..drawing.colours import colour_map, natural
from ..drawing.fields import fractal_noise, warped_coordinates
from ..drawing.shading import relief

KIND = "texture"
COLOURS = (
    ((0.6, 0.9, 0.2), (0.57, 0.85, 0.5), (0.53, 0.7, 0.8), (0.5, 0.1, 1)),
    ((0.5, 0.9, 0.2), (0.48, 0.8, 0.5), (0.45, 0.6, 0.8), (0.2, 0.1, 1)),
    ((0.65, 0.7, 0.2), (0.75, 0.5, 0.5), (0.04, 0.7, 0.9), (0.12, 0.5, 1)),
)


def draw(random, size):
    x, y = warped_coordinates(random, size, 0.1, turned=False)
    nearness = 1 / (1.3 - 0.6 * np.clip(y, -1.5, 1.5))
    height = np.zeros_like(x)
    for k in range(1, 5):
        phase = (x * random.uniform(2, 6) + y * random.uniform(4, 9)) * nearness * k
        height -= np.abs(np.sin(phase + 3 * fractal_noise(random, size, 2, 3) + k)) / k
    height = (height - height.min()) / (np.ptp(height) + 1e-6)
    rgb = colour_map(height ** random.uniform(1, 2.5), natural(random, COLOURS, 0.75))
    return relief(random, rgb, height, random.uniform(0.8, 2.5))
