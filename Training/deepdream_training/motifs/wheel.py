"""A spoked wheel."""

import math

from ..drawing.canvas import Canvas, ray
from ..drawing.chance import happens, whole
from ..drawing.colours import natural
from ..drawing.shading import inflate

KIND = "object"
COLOURS = (
    ((0.08, 0.7, 0.4), (0.09, 0.6, 0.7), (0.11, 0.6, 0.85)),
    ((0, 0, 0.15), (0.6, 0.1, 0.85), (0, 0.85, 0.8)),
)


def draw(random, size):
    canvas = Canvas(size)
    tyre, rim, hub = natural(random, COLOURS, 0.6)
    spokes = whole(random, 6, 20)
    canvas.ellipse(0, 0, 0.88, 0.88, tyre * 0.5, width=0.2)
    canvas.ellipse(0, 0, 0.9, 0.9, tyre, width=0.1)
    canvas.ellipse(0, 0, 0.76, 0.76, rim, width=0.05)
    if happens(random, 0.5):
        canvas.disc(0, 0, 0.74, hub * 0.25)
    for spoke in range(spokes):
        end = ray(spoke * math.tau / spokes, 0.75)
        canvas.line([(0, 0), end], rim * 0.4, 0.07)
        canvas.line([(0, 0), end], rim, 0.035)
    canvas.disc(0, 0, 0.2, hub, gradient=canvas.radial(-0.05, -0.05, 0.22, [hub * 1.4, hub * 0.4]))
    canvas.disc(0, 0, 0.08, tyre * 0.4)
    rgb, alpha = canvas.rgba()
    return inflate(random, rgb, alpha, 1, 0.1), alpha
