"""A coiled snake."""

import math

from ..drawing.anatomy import eyeball
from ..drawing.canvas import Canvas, ray
from ..drawing.chance import happens, whole
from ..drawing.colours import natural
from ..drawing.shading import skin

KIND = "object"
COLOURS = (
    ((0.3, 0.8, 0.6), (0.2, 0.7, 0.8)),
    ((0.02, 0.85, 0.75), (0.12, 0.3, 0.95)),
    ((0.09, 0.6, 0.7), (0.06, 0.7, 0.3)),
    ((0.15, 0.85, 0.95), (0, 0, 0.12)),
)
BEADS = 120


def draw(random, size):
    canvas = Canvas(size)
    first, second = natural(random, COLOURS)
    turns = random.uniform(1.8, 3.2)
    half, band = 0.34 / turns, whole(random, 4, 7)
    shares = [k / (BEADS - 1) for k in range(BEADS)]
    points = [ray(share * math.tau * turns, 0.78 * (1 - 0.9 * share)) for share in shares]
    order = range(BEADS - 1, -1, -1) if happens(random, 0.5) else range(BEADS)
    for bead in order:
        colour = first if (bead // band) % 2 else second
        _bead(canvas, *points[bead], half * (0.35 + 0.65 * min(1, bead / 20)), colour)
    x, y = points[0]
    canvas.ellipse(x, y, half * 1.1, half * 1.3, first * 0.8)
    for side in (-1, 1):
        eyeball(canvas, random, x + side * half * 0.4, y, half * 0.3, slit=True)
    rgb, alpha = canvas.rgba()
    return skin(random, rgb, 0.3), alpha


def _bead(canvas, x, y, radius, colour):
    canvas.disc(x, y, radius, colour * 0.6)
    lights = [colour * 1.4 + 0.1, colour, colour * 0.7]
    light = canvas.radial(x - radius * 0.3, y - radius * 0.3, radius * 1.2, lights)
    canvas.disc(x, y, radius * 0.96, colour, gradient=light)
