"""Branching coral with round tips."""

import math

from ..drawing.canvas import Canvas
from ..drawing.colours import natural_colour

KIND = "object"
UPRIGHT = True
CORALS = ((0, 0.75, 0.9), (0.05, 0.7, 1), (0.93, 0.5, 0.95), (0.13, 0.7, 0.95), (0.75, 0.5, 0.85))


def draw(random, size):
    canvas = Canvas(size)
    colour = natural_colour(random, CORALS)
    _branch(canvas, random, (0, 0.95), -math.pi / 2, 0.45, 0.13, colour, 5)
    return canvas.rgba()


def _branch(canvas, random, start, turn, length, width, colour, forks):
    end = (start[0] + math.cos(turn) * length, start[1] + math.sin(turn) * length)
    middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    canvas.limb([start, middle, end], width, width * 0.8, colour * (0.6 + 0.08 * (6 - forks)))
    canvas.disc(*end, width * 0.85, colour * 1.25 + 0.1)
    if forks:
        for side in (-1, 1):
            aside, shorter = side * random.uniform(0.3, 0.7), length * random.uniform(0.68, 0.85)
            _branch(canvas, random, end, turn + aside, shorter, width * 0.75, colour, forks - 1)
