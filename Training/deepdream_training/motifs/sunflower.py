"""A sunflower: two rows of pointed petals around a large disc of seeds."""

import math

from ..drawing.canvas import Canvas, ray
from ..drawing.chance import whole
from ..drawing.colours import natural

KIND = "object"
LARGE = True
COLOURS = (
    ((0.13, 0.95, 1), (0.07, 0.75, 0.45), (0.04, 0.8, 0.2)),
    ((0.08, 0.95, 0.95), (0.06, 0.8, 0.4), (0.03, 0.8, 0.15)),
)
GOLDEN_ANGLE = 2.39996
SEEDS = 260


def draw(random, size):
    canvas = Canvas(size)
    petal, seed, ground = natural(random, COLOURS, 0.75)
    count, disc = whole(random, 14, 22), random.uniform(0.45, 0.6)
    for row, light in ((0, 0.75), (1, 1)):
        for k in range(count):
            with canvas.moved(turn=(k + 0.5 * row) * 360 / count + random.uniform(-4, 4)):
                _petal(canvas, disc * 0.8, random.uniform(0.88, 0.98), 1.9 / count, petal * light)
    canvas.disc(0, 0, disc, ground)
    for k in range(SEEDS):
        share = (k + 0.5) / SEEDS
        x, y = ray(k * GOLDEN_ANGLE, disc * 0.97 * math.sqrt(share))
        canvas.disc(x, y, disc * 0.055, seed * (0.45 + 0.9 * share) * (1.25 if k % 2 else 0.85))
    return canvas.rgba()


def _petal(canvas, start, end, half, colour):
    middle = (start + end) / 2
    points = [(start, half * 0.5), (middle, half), (end, 0), (middle, -half), (start, -half * 0.5)]
    canvas.polygon(points, colour * 0.4)
    points = [(x - 0.02, y * 0.85) for x, y in points]
    shading = canvas.linear((start, 0), (end, 0), [colour * 0.55, colour, colour * 1.1])
    canvas.polygon(points, colour, gradient=shading)
    canvas.line([(start, 0), (end - 0.1, 0)], colour * 0.65, 0.012)
