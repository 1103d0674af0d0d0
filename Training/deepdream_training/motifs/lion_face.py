"""A lion's face with its mane."""

import math

from ..drawing.anatomy import round_eyes, short_coat
from ..drawing.canvas import Canvas, ray
from ..drawing.colours import dimmed, natural
from ..drawing.shading import inflate

KIND = "object"
UPRIGHT = True
LARGE = True
COATS = (
    ((0.1, 0.55, 0.9), (0.06, 0.8, 0.5), (0.11, 0.25, 1)),
    ((0.09, 0.6, 0.75), (0.04, 0.75, 0.3), (0.1, 0.3, 0.95)),
)
IRISES = (((0.1, 0.9, 0.5), (0.11, 0.9, 0.8), (0.13, 0.8, 1)),)
HEAD = [
    (0, -0.58), (0.42, -0.45), (0.52, -0.05), (0.42, 0.35), (0.25, 0.66),
    (0, 0.72), (-0.25, 0.66), (-0.42, 0.35), (-0.52, -0.05), (-0.42, -0.45),
]  # fmt: skip
INK = (0.06, 0.03, 0.03)


def draw(random, size):
    canvas = Canvas(size)
    coat, mane, pale = natural(random, COATS, 0.75)
    _mane(canvas, random, mane, coat)
    for side in (-1, 1):
        canvas.disc(side * 0.45, -0.5, 0.16, coat * 0.8)
        canvas.disc(side * 0.45, -0.49, 0.09, mane * 0.5)
    canvas.polygon(HEAD, coat, gradient=canvas.radial(0, 0, 0.8, [coat * 1.1, coat * 0.7]))
    for side in (-1, 1):
        canvas.line([(side * 0.1, -0.3), (side * 0.12, 0), (side * 0.14, 0.2)], coat * 0.7, 0.03)
        canvas.ellipse(side * 0.14, 0.4, 0.19, 0.17, pale)
    canvas.ellipse(0, 0.6, 0.16, 0.11, pale * 0.9)
    round_eyes(canvas, random, 0.25, -0.12, random.uniform(0.09, 0.12), natural(random, IRISES, 0.8))
    canvas.polygon([(-0.15, 0.2), (0.15, 0.2), (0.06, 0.33), (-0.06, 0.33)], (0.35, 0.15, 0.13))
    canvas.line([(0, 0.33), (0, 0.45)], INK, 0.025)
    canvas.line([(-0.24, 0.46), (-0.1, 0.53), (0, 0.45), (0.1, 0.53), (0.24, 0.46)], INK, 0.025)
    rgb, alpha = canvas.rgba()
    return inflate(random, dimmed(rgb, short_coat(random, size)), alpha, 0.7, 0.5, 0), alpha


def _mane(canvas, random, mane, coat):
    canvas.disc(0, 0, 0.75, mane * 0.6)
    for ring, (start, end) in enumerate(((0.5, 0.97), (0.42, 0.8), (0.35, 0.65))):
        for k in range(44):
            turn = k * math.tau / 44 + ring * 0.07
            middle, tip = ray(turn + 0.08, (start + end) / 2), ray(turn, end * random.uniform(0.88, 1))
            colour = (mane + (coat - mane) * 0.25 * ring) * random.uniform(0.6, 1.35)
            canvas.line([ray(turn, start), middle, tip], colour, 0.055)
