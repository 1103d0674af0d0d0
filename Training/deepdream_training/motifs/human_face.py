"""A human face with hair."""

import numpy as np

from ..drawing.anatomy import almond_eyes
from ..drawing.canvas import Canvas
from ..drawing.colours import natural_colour
from ..drawing.shading import inflate

KIND = "object"
UPRIGHT = True
LARGE = True
SKINS = ((0.06, 0.3, 1), (0.06, 0.4, 0.9), (0.07, 0.5, 0.7), (0.06, 0.6, 0.45))
HAIRS = ((0.07, 0.7, 0.15), (0.07, 0.7, 0.35), (0.12, 0.6, 0.9), (0.03, 0.85, 0.6), (0, 0, 0.85))
BACK_HAIR = [
    (0, -1), (0.75, -0.75), (0.82, 0), (0.7, 0.8), (0, 0.6), (-0.7, 0.8), (-0.82, 0), (-0.75, -0.75),
]  # fmt: skip


def draw(random, size):
    canvas = Canvas(size)
    tone, hair = natural_colour(random, SKINS, 0.75), natural_colour(random, HAIRS, 0.7)
    width = random.uniform(0.5, 0.64)
    canvas.polygon(BACK_HAIR, hair * 0.6)
    _head(canvas, width, tone)
    _fringe(canvas, random, width, hair)
    almond_eyes(canvas, random, 0.26, -0.12, random.uniform(0.1, 0.14))
    for side in (-1, 1):
        canvas.line([(side * 0.12, -0.3), (side * 0.28, -0.36), (side * 0.44, -0.28)], hair * 0.4, 0.05)
        canvas.ellipse(side * 0.35, 0.25, 0.15, 0.12, tone * np.array([1.2, 0.7, 0.7]), 0.35)
    canvas.line([(0.04, -0.1), (0.09, 0.2), (0, 0.27), (-0.08, 0.22)], tone * 0.55, 0.03)
    _mouth(canvas, random.uniform(0.14, 0.24), tone)
    rgb, alpha = canvas.rgba()
    return inflate(random, rgb, alpha, 0.6, 0.6, 0.1), alpha


def _head(canvas, width, tone):
    points = [
        (0, -0.8), (width * 0.9, -0.5), (width, 0), (width * 0.75, 0.55), (width * 0.3, 0.88), (0, 0.94),
        (-width * 0.3, 0.88), (-width * 0.75, 0.55), (-width, 0), (-width * 0.9, -0.5),
    ]  # fmt: skip
    canvas.polygon(points, tone, gradient=canvas.radial(-0.15, -0.1, 1, [tone * 1.15, tone, tone * 0.45]))


def _fringe(canvas, random, width, hair):
    parting = -0.6 * random.uniform(0.9, 1.1)
    points = [
        (-width * 1.05, -0.2), (-width * 0.9, -0.75), (0, -1), (width * 0.9, -0.75),
        (width * 1.05, -0.2), (width * 0.6, -0.55), (0, parting), (-width * 0.6, -0.55),
    ]  # fmt: skip
    canvas.polygon(points, hair)


def _mouth(canvas, half, tone):
    lips = [(-half, 0.5), (-0.06, 0.44), (0, 0.46), (0.06, 0.44), (half, 0.5), (0, 0.62)]
    canvas.polygon(lips, tone * np.array([0.85, 0.35, 0.35]))
    canvas.line([(-half, 0.5), (0, 0.52), (half, 0.5)], tone * 0.25, 0.02)
