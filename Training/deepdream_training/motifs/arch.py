"""A stepped portal: arch within arch around a dark door."""

import math

from ..drawing.canvas import Canvas, arched_outline, ray
from ..drawing.chance import whole
from ..drawing.colours import natural

KIND = "object"
UPRIGHT = True
LARGE = True
COLOURS = (
    ((0.1, 0.35, 0.85), (0.08, 0.45, 0.65), (0.1, 0.2, 0.95)),
    ((0.03, 0.6, 0.7), (0.1, 0.2, 0.9), (0.6, 0.4, 0.5)),
)


def draw(random, size):
    canvas = Canvas(size)
    colours = natural(random, COLOURS, 0.6)
    steps, stones = whole(random, 3, 5), whole(random, 9, 15)
    for step in range(steps):
        _step(canvas, 0.9 * (1 - 0.16 * step), stones, colours[step % 3] * (1 - 0.12 * step))
    canvas.shape(arched_outline(0, 0.9 * (1 - 0.16 * steps) + 0.05, 1, 0), colours[0] * 0.1)
    return canvas.rgba()


def _step(canvas, half, stones, colour):
    shading = canvas.linear((-half, -half), (half, 1), [colour * 1.3, colour * 0.5])
    canvas.shape(arched_outline(0, half, 1, 0), colour, gradient=shading)
    for side in (-1, 1):
        canvas.line([(side * half, 1), (side * half, 0)], colour * 0.3, 0.02)
    for stone in range(stones + 1):
        turn = math.pi * (1 + stone / stones)
        canvas.line([ray(turn, half), ray(turn, half - 0.13)], colour * 0.4, 0.015)
