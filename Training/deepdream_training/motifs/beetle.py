"""A beetle from above."""

import numpy as np

from ..drawing.canvas import Canvas
from ..drawing.chance import whole
from ..drawing.colours import natural
from ..drawing.shading import inflate

KIND = "object"
COLOURS = (
    ((0, 0.95, 0.85), (0, 0, 0.15), (0, 0, 0.3)),
    ((0.38, 0.9, 0.6), (0.3, 0.9, 0.5), (0.14, 0.8, 0.9)),
    ((0.6, 0.9, 0.6), (0.65, 0.8, 0.4), (0.5, 0.7, 0.9)),
    ((0.07, 0.8, 0.5), (0.05, 0.8, 0.3), (0.1, 0.6, 0.8)),
)
INK = np.array([0.05, 0.035, 0.05])


def draw(random, size):
    canvas = Canvas(size)
    wings, thorax, spot = natural(random, COLOURS)
    _legs(canvas)
    canvas.ellipse(0, -0.62, 0.28, 0.22, INK * 2)
    canvas.ellipse(0, -0.42, 0.42, 0.24, thorax * 0.6)
    shading = canvas.radial(-0.2, -0.1, 0.9, [wings * 1.5 + 0.1, wings, wings * 0.3])
    canvas.ellipse(0, 0.2, 0.56, 0.7, wings, gradient=shading)
    canvas.line([(0, -0.45), (0, 0.9)], wings * 0.2, 0.03)
    for _ in range(whole(random, 0, 6)):
        x, y, radius = random.uniform(0.12, 0.4), random.uniform(-0.25, 0.6), random.uniform(0.05, 0.13)
        for side in (-1, 1):
            canvas.disc(side * x, y, radius, spot * 0.3)
    for side in (-1, 1):
        canvas.disc(side * 0.16, -0.66, 0.06, (0.9, 0.9, 0.8))
    rgb, alpha = canvas.rgba()
    return inflate(random, rgb, alpha, 0.8, 0.4, 0.4), alpha


def _legs(canvas):
    for side in (-1, 1):
        for leg in range(3):
            y = -0.2 + 0.3 * leg
            knee, foot = y - 0.25 + 0.2 * leg, y + 0.05 + 0.2 * leg
            canvas.line([(side * 0.4, y), (side * 0.8, knee), (side * 0.95, foot)], INK, 0.05)
        canvas.line([(side * 0.1, -0.7), (side * 0.3, -0.9), (side * 0.45, -0.92)], INK, 0.035)
