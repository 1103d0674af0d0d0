"""A fern's frond, twice pinnate."""

import math

from ..drawing.canvas import Canvas
from ..drawing.colours import natural_colour

KIND = "object"
GREENS = ((0.3, 0.8, 0.75), (0.25, 0.75, 0.85), (0.36, 0.8, 0.5), (0.08, 0.8, 0.75))


def draw(random, size):
    canvas = Canvas(size)
    colour, curl = natural_colour(random, GREENS, 0.75), random.uniform(-0.05, 0.05)
    start = (random.uniform(-0.2, 0.2), 0.95)
    _frond(canvas, random, start, -math.pi / 2 - 8 * curl, 1.85, curl, colour)
    return canvas.rgba()


def _frond(canvas, random, start, turn, length, curl, colour):
    """The main stem, with a pinna to each side at every joint."""
    joints = 16
    points = [start]
    for joint in range(joints):
        turn += curl
        points.append(_onward(points[-1], turn, length / joints))
        reach = length * 0.42 * (1 - joint / joints) ** 0.8 + 0.02
        for side in (-1, 1):
            _pinna(canvas, random, points[-1], turn + side * 1.05, reach, curl, colour)
    canvas.line(points, colour * 0.7, 0.02)


def _pinna(canvas, random, start, turn, length, curl, colour):
    joints = 9
    points = [start]
    for joint in range(joints):
        turn += curl * 1.5
        points.append(_onward(points[-1], turn, length / joints))
        reach = length * 0.3 * (1 - joint / joints) + 0.008
        for side in (-1, 1):
            leaflet = [points[-1], _onward(points[-1], turn + side * 0.9, reach)]
            canvas.line(leaflet, colour * random.uniform(0.6, 1.3), 0.022)
    canvas.line(points, colour * 0.7, 0.02)


def _onward(point, turn, step):
    return point[0] + math.cos(turn) * step, point[1] + math.sin(turn) * step
