"""Long hair in swirls."""

import cv2
import numpy as np

from ..drawing.chance import angle, whole
from ..drawing.colours import colour_map, natural
from ..drawing.fields import fractal_noise, line_integral_convolution
from ..drawing.shading import relief

KIND = "texture"
COLOURS = (
    ((0.05, 0.7, 0.15), (0.07, 0.65, 0.5), (0.09, 0.45, 0.9)),
    ((0, 0, 0.08), (0.08, 0.1, 0.45), (0.1, 0.08, 0.95)),
    ((0.03, 0.85, 0.25), (0.05, 0.85, 0.7), (0.1, 0.6, 1)),
)


def draw(random, size):
    direction = fractal_noise(random, size, 2, 2) * random.uniform(1, 5) + angle(random)
    coarse = line_integral_convolution(random, size, direction, whole(random, 8, 24))
    fine = line_integral_convolution(random, size, direction, 8)
    tone = 0.5 + 0.18 * coarse + 0.12 * fine + 0.5 * (fractal_noise(random, size, 2, 2) - 0.5)
    rgb = colour_map(np.clip(tone, 0, 1), natural(random, COLOURS))
    height = cv2.GaussianBlur(coarse * 0.1, (0, 0), 0.6)
    return relief(random, rgb, height, random.uniform(0.5, 2), 0)
