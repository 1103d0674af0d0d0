"""A water lily from the side and above: cups of pointed petals."""

import math

from ..drawing.canvas import Canvas
from ..drawing.chance import whole
from ..drawing.colours import natural

KIND = "object"
UPRIGHT = True
LARGE = True
COLOURS = (
    ((0.92, 0.55, 0.9), (0.93, 0.15, 1), (0.13, 0.85, 1)),
    ((0.1, 0.12, 0.9), (0.1, 0.02, 1), (0.12, 0.9, 1)),
    ((0.7, 0.55, 0.85), (0.72, 0.2, 1), (0.13, 0.8, 1)),
)


def draw(random, size):
    canvas = Canvas(size)
    edge, pale, stamen = natural(random, COLOURS, 0.75)
    count = whole(random, 7, 11)
    for row, (spread, length) in enumerate(((100, 1), (75, 0.92), (45, 0.78))):
        for k in range(count - row):
            aside = 2 * k / (count - row - 1) - 1
            with canvas.moved(0, 0.45, aside * spread + random.uniform(-4, 4)):
                reach = length * (1 - 0.12 * abs(aside)) * random.uniform(0.95, 1.05) * 1.25
                _petal(canvas, reach, 0.17, edge, pale, 0.7 + 0.15 * row)
    for k in range(14):
        turn = math.pi * (1 + (k + 0.5) / 14)
        end = (0.3 * math.cos(turn), 0.4 + 0.28 * math.sin(turn))
        canvas.line([(0, 0.4), end], stamen * 0.8, 0.03)
        canvas.disc(*end, 0.035, stamen)
    for aside in (-38, 38, -14, 14):
        with canvas.moved(0, 0.6, aside * 1.6):
            _petal(canvas, 0.66, 0.19, edge, pale, 1.05)
    return canvas.rgba()


def _petal(canvas, length, half, edge, pale, light):
    points = [(0, 0), (half, -length * 0.5), (0, -length), (-half, -length * 0.5)]
    canvas.polygon(points, edge * 0.4)
    shading = canvas.linear((0, 0), (0, -length), [pale * light, pale * light, edge * light])
    canvas.polygon([(x * 0.9, y * 0.97) for x, y in points], edge, gradient=shading)
    canvas.line([(0, -length * 0.15), (0, -length * 0.85)], edge * light * 0.8, 0.012)
