"""A disc of spiral arms, of even or of growing width."""

import numpy as np

from ..drawing.chance import happens, sign, whole
from ..drawing.colours import random_map
from ..drawing.geometry import coverage, grid, polar
from ..drawing.shading import relief

KIND = "object"


def draw(random, size):
    radius, turn = polar(*grid(size))
    winding = random.uniform(2, 7) * sign(random)
    growth = np.log(radius) * 1.5 if happens(random, 0.6) else radius * 4
    arms = (0.5 + 0.5 * np.sin(whole(random, 1, 3) * turn + growth * winding)) ** random.uniform(0.4, 1.6)
    rgb = random_map(random, np.clip(arms * 0.75 + 0.25 * radius, 0, 1), whole(random, 3, 5))
    height = arms * 0.8 * np.minimum(radius * 3, 1)
    return relief(random, rgb, height, random.uniform(1, 4)), coverage(0.97 - radius, size)
