"""The winding walls of a Turing pattern, as of brain coral."""

import cv2

from ..drawing.colours import colour_map, natural
from ..drawing.fields import reaction_diffusion
from ..drawing.shading import relief

KIND = "texture"
COLOURS = (
    ((0.02, 0.8, 0.25), (0.02, 0.75, 0.75), (0.06, 0.45, 1)),
    ((0.35, 0.9, 0.2), (0.3, 0.8, 0.6), (0.18, 0.55, 0.95)),
    ((0.75, 0.8, 0.25), (0.82, 0.7, 0.7), (0.9, 0.35, 1)),
)


def draw(random, size):
    pattern = reaction_diffusion(random, size, random.uniform(9, 22), steps=9)
    height = cv2.GaussianBlur(pattern, (0, 0), 1.5)
    rgb = colour_map(height * 0.5 + 0.5, natural(random, COLOURS, 0.6))
    return relief(random, rgb, height, random.uniform(0.6, 2))
