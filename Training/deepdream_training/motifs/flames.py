"""Fire."""

import cv2
import numpy as np

from ..drawing.chance import happens
from ..drawing.colours import colour_map
from ..drawing.fields import fractal_noise
from ..drawing.geometry import grid, resample

KIND = "texture"
GLOW = ((0.02, 0, 0.02), (0.5, 0.03, 0), (0.95, 0.35, 0.02), (1, 0.85, 0.2), (1, 1, 0.85))
HEAT = [np.array(colour, np.float32) for colour in GLOW]


def draw(random, size):
    x, y = grid(size)
    drift = x + 0.35 * (fractal_noise(random, size, 3, 3) - 0.5) * (1.2 - y)
    tongues = cv2.resize(fractal_noise(random, size, 5, 4), (size, size * 3))[size : 2 * size]
    tongues = resample(tongues, drift, y)
    heat = (y * 0.5 + 0.5) * 1.1 + 0.9 * (tongues - 0.5) - np.abs(drift) * random.uniform(0, 0.8) + 0.1
    colours = [c[::-1] for c in HEAT] if happens(random, 0.2) else HEAT
    return colour_map(np.clip(heat, 0, 1), colours)
