"""A round ornament of n-fold symmetry."""

import math

import numpy as np

from ..drawing.chance import happens, pick, whole
from ..drawing.colours import random_map
from ..drawing.geometry import coverage, grid, polar
from ..drawing.shading import relief

KIND = "object"


def draw(random, size):
    radius, turn = polar(*grid(size))
    folds = whole(random, 5, 14)
    tone = np.cos(radius * random.uniform(10, 30))
    for _ in range(whole(random, 3, 6)):
        petals = np.cos(folds * pick(random, (1, 1, 2, 3)) * turn + pick(random, (0, math.pi)))
        circles = np.cos(radius * random.uniform(4, 22) + random.uniform(0, 6))
        tone += petals * circles * random.uniform(0.4, 1)
    tone = (tone - tone.min()) / np.ptp(tone)
    rgb = random_map(random, tone, whole(random, 4, 6))
    if happens(random, 0.5):
        rgb = np.floor(rgb * 5) / 5
    outline = 0.93 + 0.05 * np.cos(folds * turn)
    return relief(random, rgb, tone, random.uniform(0, 3)), coverage(outline - radius, size)
