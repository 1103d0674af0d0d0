"""A spider's web, sometimes with its spider."""

import math

import numpy as np

from ..drawing.canvas import Canvas, ray
from ..drawing.chance import happens, whole
from ..drawing.colours import natural_colour

KIND = "object"
THREADS = ((0.58, 0.1, 1), (0.12, 0.25, 1))
INK = (0.05, 0.03, 0.03)


def draw(random, size):
    canvas = Canvas(size)
    spokes, colour = whole(random, 8, 16), natural_colour(random, THREADS) + 0.1
    width = random.uniform(0.02, 0.035)
    turns = [spoke * math.tau / spokes + random.uniform(-0.1, 0.1) for spoke in range(spokes)]
    for turn in turns:
        canvas.line([(0, 0), ray(turn)], colour, width)
    for radius in np.linspace(0.12, 0.95, whole(random, 5, 9)):
        for turn, following in zip(turns, [*turns[1:], turns[0] + math.tau], strict=True):
            sag = ray((turn + following) / 2, radius * 0.85)
            canvas.line([ray(turn, radius), sag, ray(following, radius)], colour, width)
    if happens(random, 0.5):
        _spider(canvas)
    return canvas.rgba()


def _spider(canvas):
    for leg in range(8):
        turn = leg * math.tau / 8 + 0.3
        canvas.line([(0, 0), ray(turn, 0.25), ray(turn + 0.3, 0.38)], INK, 0.035)
    canvas.ellipse(0, 0.05, 0.14, 0.17, (0.08, 0.05, 0.05))
    canvas.disc(0, -0.14, 0.09, (0.1, 0.06, 0.05))
