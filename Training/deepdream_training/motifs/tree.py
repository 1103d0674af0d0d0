"""A branching tree, in leaf or bare."""

import math

from ..drawing.canvas import Canvas
from ..drawing.chance import happens, pick
from ..drawing.colours import natural, natural_colour

KIND = "object"
UPRIGHT = True
BARKS = ((0.07, 0.5, 0.4), (0.08, 0.4, 0.25), (0.1, 0.15, 0.6))
LEAVES = (
    ((0.35, 0.8, 0.35), (0.3, 0.75, 0.6), (0.24, 0.7, 0.85)),
    ((0.03, 0.9, 0.7), (0.08, 0.9, 0.95), (0.13, 0.85, 1)),
    ((0.93, 0.5, 0.9), (0.95, 0.3, 1), (0.9, 0.6, 0.8)),
)


def draw(random, size):
    canvas = Canvas(size)
    bark, leaves = natural_colour(random, BARKS, 0.8), natural(random, LEAVES, 0.8)
    bare, spread = happens(random, 0.3), random.uniform(0.35, 0.65)
    tips = []

    def branch(start, turn, length, width, forks):
        end = (start[0] + math.cos(turn) * length, start[1] + math.sin(turn) * length)
        middle = ((start[0] + end[0]) / 2 + random.uniform(-0.02, 0.02), (start[1] + end[1]) / 2)
        canvas.line([start, middle, end], bark * random.uniform(0.8, 1.2), width)
        if forks == 0 or length < 0.05:
            tips.append(end)
            return
        for side in (-1, 1) if happens(random, 0.75) else (-1, 0, 1):
            aside = side * spread * random.uniform(0.6, 1.3)
            branch(end, turn + aside, length * random.uniform(0.65, 0.82), width * 0.66, forks - 1)

    trunk = random.uniform(0.4, 0.55), random.uniform(0.09, 0.16)
    branch((0, 0.98), -math.pi / 2 + random.uniform(-0.1, 0.1), *trunk, 6 if bare else 5)
    if not bare:
        _foliage(canvas, random, tips, leaves)
    return canvas.rgba()


def _foliage(canvas, random, tips, colours):
    for x, y in tips:
        for _ in range(3):
            leaf = random.uniform(0.04, 0.1)
            leaf_x, leaf_y = x + random.uniform(-0.1, 0.1), y + random.uniform(-0.1, 0.1)
            colour = pick(random, colours) * random.uniform(0.6, 1.2)
            canvas.ellipse(leaf_x, leaf_y, leaf, leaf * 0.7, colour, turn=random.uniform(0, 180))
