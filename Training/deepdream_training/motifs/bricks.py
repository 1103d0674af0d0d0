"""A brick wall."""

import numpy as np

from ..drawing.chance import happens
from ..drawing.colours import blend, dimmed, natural
from ..drawing.fields import cell_hash, fractal_noise, warped_coordinates
from ..drawing.geometry import smoothstep
from ..drawing.shading import relief

KIND = "texture"
COLOURS = (
    ((0.09, 0.15, 0.75), (0.01, 0.75, 0.5), (0.04, 0.7, 0.75)),
    ((0.08, 0.3, 0.35), (0.06, 0.5, 0.6), (0.1, 0.45, 0.85)),
)


def draw(random, size):
    x, y = warped_coordinates(random, size, 0.05, turned=happens(random, 0.3), scale=(1, 1))
    count = random.uniform(3, 8)
    y = y * count
    row = np.floor(y)
    x = x * count * random.uniform(0.4, 0.6) + (row % 2) * 0.5
    column = np.floor(x)
    across, down = x - column, y - row
    border = np.minimum(np.minimum(across, 1 - across) * 2, np.minimum(down, 1 - down))
    brick = smoothstep(border + 0.04 * (fractal_noise(random, size, 8, 3) - 0.5), 0.04, 0.12)
    mortar, first, second = natural(random, COLOURS, 0.65)
    rgb = blend(mortar, blend(first, second, cell_hash(column, row, 4)), brick)
    rgb = dimmed(rgb, 0.7 + 0.5 * fractal_noise(random, size, 10, 4))
    return relief(random, rgb, brick * 0.6, random.uniform(1, 3), 0)
