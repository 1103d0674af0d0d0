"""Raised or sunken dots, as on a frog's or a ray's skin."""

import cv2

from ..drawing.chance import sign
from ..drawing.colours import colour_map, natural
from ..drawing.fields import reaction_diffusion
from ..drawing.shading import relief

KIND = "texture"
COLOURS = (
    ((0.6, 0.9, 0.25), (0.57, 0.85, 0.7), (0.15, 0.8, 1)),
    ((0.3, 0.9, 0.3), (0.25, 0.85, 0.65), (0.06, 0.9, 0.95)),
    ((0.08, 0.7, 0.2), (0.09, 0.6, 0.6), (0.12, 0.3, 0.95)),
)


def draw(random, size):
    bias = random.uniform(0.7, 0.95) * sign(random)
    pattern = reaction_diffusion(random, size, random.uniform(10, 22), bias, steps=9)
    height = cv2.GaussianBlur(pattern, (0, 0), 1.2)
    rgb = colour_map(height * 0.5 + 0.5, natural(random, COLOURS, 0.6))
    return relief(random, rgb, height, random.uniform(0.6, 2))
