"""A hot-air balloon with its basket."""

import math

from ..drawing.canvas import Canvas
from ..drawing.chance import happens, whole
from ..drawing.colours import natural, natural_colour

KIND = "object"
UPRIGHT = True
LARGE = True
COLOURS = (
    ((0, 0.9, 0.9), (0.13, 0.85, 1), (0.58, 0.8, 0.8)),
    ((0.07, 0.95, 1), (0.1, 0.05, 1), (0, 0.85, 0.8)),
    ((0.75, 0.7, 0.8), (0.45, 0.7, 0.85), (0.13, 0.8, 1)),
)
WICKER = ((0.08, 0.65, 0.5),)
CENTRE, RADIUS = -0.25, 0.7


def draw(random, size):
    canvas = Canvas(size)
    colours, gores = natural(random, COLOURS, 0.65), whole(random, 3, 5) * 2 + 1
    basket = natural_colour(random, WICKER, 0.85)
    for x in (-0.11, 0.11):
        canvas.line([(x * 2, 0.5), (x, 0.78)], basket * 0.5, 0.015)
    shading = canvas.linear((-0.13, 0), (0.13, 0), [basket * 1.3, basket * 0.5])
    canvas.rectangle(-0.13, 0.76, 0.13, 0.97, basket, shading)
    canvas.line([(-0.14, 0.77), (0.14, 0.77)], basket * 0.5, 0.03)
    for k in range(gores):
        _gore(canvas, -1 + 2 * k / gores, -1 + 2 * (k + 1) / gores, colours[k % 2])
    if happens(random, 0.5):
        _belt(canvas, gores, colours[2])
    return canvas.rgba()


def _edge(share, points=13):
    """A meridian of the envelope, from the crown to the mouth, at -1 (left) to 1 (right)."""
    across = math.sin(share * math.pi / 2)
    line = []
    for k in range(points):
        down = k / (points - 1)
        half = RADIUS * math.sin(math.pi * min(1, 0.02 + down**0.85 * 0.87)) ** 0.75
        line.append((across * max(half, 0.02), CENTRE - RADIUS + down * 1.48))
    return line


def _gore(canvas, left, right, colour):
    light = 1.15 - 0.75 * max(0, (left + right) / 2) - 0.3 * max(0, -(left + right) / 2)
    edge = _edge(left) + _edge(right)[::-1]
    top, bottom = (0, CENTRE - RADIUS), (0, CENTRE + RADIUS)
    shading = canvas.linear(top, bottom, [colour * light * 1.15, colour * light * 0.75])
    canvas.polygon(edge, colour, gradient=shading)
    canvas.line(_edge(left), colour * 0.35, 0.012)


def _belt(canvas, gores, colour):
    for k in range(gores):
        left, right = _edge(-1 + 2 * k / gores), _edge(-1 + 2 * (k + 1) / gores)
        light = 1.1 - 0.6 * abs(k / gores - 0.35)
        canvas.polygon([left[5], right[5], right[6], left[6]], colour * light, smooth=False)
