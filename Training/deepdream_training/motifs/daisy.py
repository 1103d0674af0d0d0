"""A daisy or aster: rays of petals around a disc of seeds."""

import math

from ..drawing.canvas import Canvas, ray
from ..drawing.chance import whole
from ..drawing.colours import natural_colour
from ..drawing.shading import inflate

KIND = "object"
LARGE = True
PETALS = ((0.1, 0.03, 1), (0.9, 0.5, 1), (0.77, 0.6, 0.9), (0.05, 0.9, 1), (0.6, 0.6, 0.95))
DISCS = ((0.13, 0.9, 0.95), (0.1, 0.9, 0.8), (0.07, 0.7, 0.4))
GOLDEN_ANGLE = 2.39996
SEEDS = 150


def draw(random, size):
    canvas = Canvas(size)
    count, colour = whole(random, 7, 24), natural_colour(random, PETALS, 0.75)
    width = random.uniform(0.7, 1.5) * math.pi / count * 0.55
    for layer in range(whole(random, 1, 3)):
        for petal in range(count):
            turn = (petal + 0.5 * layer) * 360 / count + random.uniform(-3, 3)
            with canvas.moved(turn=turn):
                length = (1 - 0.2 * layer) * random.uniform(0.88, 1)
                _petal(canvas, length, width, colour * random.uniform(0.8, 1.15))
    _disc(canvas, random.uniform(0.2, 0.42), natural_colour(random, DISCS, 0.75))
    rgb, alpha = canvas.rgba()
    return inflate(random, rgb, alpha, 0.6, 0.5, 0), alpha


def _petal(canvas, length, width, colour):
    def outline(half, tip):
        upper = [(0.2, 0), (0.5 * length, half), (0.85 * length, half * 0.9), (tip * length, 0)]
        return upper + [(x, -y) for x, y in upper[2:0:-1]]

    canvas.polygon(outline(width * 1.1, 0.96), colour * 0.4)
    shading = canvas.linear((0.2, 0), (0.95 * length, 0), [colour * 0.5, colour, colour * 1.15])
    canvas.polygon(outline(width, 0.94), colour, gradient=shading)
    canvas.line([(0.2, 0), (0.8 * length, 0)], colour * 0.6, 0.012)


def _disc(canvas, radius, colour):
    canvas.disc(0, 0, radius, colour * 0.4)
    for seed in range(SEEDS):
        x, y = ray(seed * GOLDEN_ANGLE, radius * 0.97 * math.sqrt((seed + 0.5) / SEEDS))
        light = (0.6 + 0.8 * (seed % 2)) * (1.2 - 0.5 * seed / SEEDS)
        canvas.disc(x, y, radius * 0.075, colour * light)
