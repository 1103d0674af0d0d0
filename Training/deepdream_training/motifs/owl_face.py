"""An owl's face: large eyes in discs of feathers."""

import math

from ..drawing.anatomy import eyeball
from ..drawing.canvas import Canvas, ray
from ..drawing.colours import hsv, natural
from ..drawing.shading import inflate

KIND = "object"
UPRIGHT = True
LARGE = True
COATS = (
    ((0.07, 0.6, 0.5), (0.08, 0.5, 0.8), (0.1, 0.25, 0.95)),
    ((0.1, 0.15, 0.45), (0.1, 0.12, 0.75), (0.1, 0.05, 1)),
    ((0.05, 0.75, 0.4), (0.07, 0.65, 0.7), (0.09, 0.4, 0.9)),
)
IRISES = (
    ((0.05, 1, 0.5), (0.1, 0.95, 0.95), (0.14, 0.8, 1)),
    ((0.02, 1, 0.5), (0.05, 0.95, 0.95), (0.1, 0.9, 1)),
)
HEAD = [
    (-0.7, -0.95), (-0.35, -0.75), (0, -0.72), (0.35, -0.75), (0.7, -0.95), (0.85, -0.3),
    (0.8, 0.4), (0.4, 0.9), (0, 0.97), (-0.4, 0.9), (-0.8, 0.4), (-0.85, -0.3),
]  # fmt: skip
BEAK = [(-0.11, 0.05), (0, -0.08), (0.11, 0.05), (0.04, 0.3), (0, 0.4), (-0.04, 0.3)]
EYE_X, EYE_Y = 0.4, -0.15


def draw(random, size):
    canvas = Canvas(size)
    coat, disc, pale = natural(random, COATS, 0.75)
    canvas.polygon(HEAD, coat * 0.8)
    radius, iris = random.uniform(0.36, 0.44), natural(random, IRISES, 0.8)
    for side in (-1, 1):
        canvas.ellipse(side * EYE_X, EYE_Y, radius * 1.15, radius * 1.2, disc * 0.5)
        _feather_disc(canvas, random, side * EYE_X, radius, (disc, pale))
        canvas.disc(side * EYE_X, EYE_Y, radius * 0.62, (0.02, 0.02, 0.02))
        eyeball(canvas, random, side * EYE_X, EYE_Y, radius * 0.56, iris)
    for row in range(4):
        for column in range(-3 + row // 2, 4 - row // 2):
            x, y = column * 0.22 + (row % 2) * 0.11, 0.45 + row * 0.14
            if abs(x) < 0.72 - row * 0.1:
                canvas.ellipse(x, y, 0.09, 0.12, coat * 0.4)
                canvas.ellipse(x, y - 0.02, 0.075, 0.1, pale * random.uniform(0.7, 1.2))
    horn = canvas.linear((-0.1, 0), (0.1, 0), [hsv(0.11, 0.6, 1), hsv(0.09, 0.8, 0.4)])
    canvas.polygon(BEAK, hsv(0.11, 0.7, 0.8), gradient=horn)
    rgb, alpha = canvas.rgba()
    return inflate(random, rgb, alpha, 0.7, 0.5, 0), alpha


def _feather_disc(canvas, random, x, radius, colours):
    for ring in range(3):
        for k in range(26):
            turn, reach = k * math.tau / 26 + ring * 0.12, radius * (0.65 + 0.2 * ring)
            (start_x, start_y), (end_x, end_y) = ray(turn, reach * 0.6), ray(turn, reach * 1.2)
            barb = [(x + start_x, EYE_Y + start_y), (x + end_x, EYE_Y + end_y)]
            canvas.line(barb, colours[(k + ring) % 2] * random.uniform(0.6, 1.3), 0.03)
