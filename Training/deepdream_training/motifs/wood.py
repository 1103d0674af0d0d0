"""A sawn board with growth rings and knots."""

import numpy as np

from ..drawing.chance import whole
from ..drawing.colours import colour_map, natural
from ..drawing.fields import fractal_noise, warped_coordinates

KIND = "texture"
COLOURS = (
    ((0.09, 0.55, 0.8), (0.08, 0.65, 0.6), (0.06, 0.75, 0.3)),
    ((0.03, 0.65, 0.65), (0.03, 0.7, 0.45), (0.02, 0.8, 0.2)),
    ((0.11, 0.4, 0.95), (0.1, 0.5, 0.75), (0.08, 0.6, 0.45)),
)


def draw(random, size):
    x, y = warped_coordinates(random, size, 0.3)
    depth = np.sqrt((x * random.uniform(0.15, 0.5)) ** 2 + y * y)
    depth = depth + 0.2 * (fractal_noise(random, size, 2, 3) - 0.5)
    for _ in range(whole(random, 0, 2)):
        knot_x, knot_y = random.uniform(-0.8, 0.8), random.uniform(-0.8, 0.8)
        depth = depth + 0.35 * np.exp(-((x - knot_x) ** 2 + (y - knot_y) ** 2) * 18)
    year = (depth * random.uniform(5, 14)) % 1
    tone = year**1.5 * 0.7 + 0.3 * fractal_noise(random, size, 30, 2)
    return colour_map(np.clip(tone, 0, 1), natural(random, COLOURS, 0.75))
