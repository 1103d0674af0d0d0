"""A rose from above: whorls of petals, darker towards the heart."""

import math

from ..drawing.canvas import Canvas, ray, shrunk
from ..drawing.chance import angle, whole
from ..drawing.colours import natural_colour

KIND = "object"
LARGE = True
PETALS = ((0.98, 0.9, 0.85), (0.93, 0.55, 0.98), (0.13, 0.65, 1), (0.05, 0.7, 1), (0.12, 0.25, 1))


def draw(random, size):
    canvas = Canvas(size)
    colour = natural_colour(random, PETALS, 0.75)
    petals, whorls, start = whole(random, 4, 6), whole(random, 5, 8), angle(random)
    for whorl in range(whorls):
        radius = 0.92 * (1 - whorl / whorls) ** 0.85
        count = petals - (whorl > whorls * 0.6)
        start += 0.6
        for petal in range(count):
            turn = start + petal * math.tau / count + random.uniform(-0.1, 0.1)
            light = 1.05 - 0.75 * whorl / whorls * random.uniform(0.7, 1.1)
            x, y = ray(turn, radius * 0.42)
            with canvas.moved(x, y, math.degrees(turn)):
                _petal(canvas, random, radius, colour * light)
    return canvas.rgba()


def _petal(canvas, random, radius, colour):
    width = radius * 0.62
    points = [
        (width * 0.9 + random.uniform(-0.05, 0.05) * radius, 0), (width * 0.6, width * 0.75),
        (-width * 0.3, width * 0.8), (-width * 0.6, 0),
        (-width * 0.3, -width * 0.8), (width * 0.6, -width * 0.75),
    ]  # fmt: skip
    canvas.polygon(points, colour * 0.35)
    shading = canvas.radial(width * 0.6, 0, width * 1.5, [colour * 1.3 + 0.08, colour, colour * 0.35])
    canvas.polygon(shrunk(points, 0.95), colour, gradient=shading)
