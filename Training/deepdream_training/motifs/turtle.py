"""A turtle from above: a patterned shell, head and flippers."""

import math

from ..drawing.anatomy import BLACK
from ..drawing.canvas import Canvas, mirrored, ray, shrunk
from ..drawing.chance import happens
from ..drawing.colours import natural
from ..drawing.shading import inflate, skin

KIND = "object"
LARGE = True
COLOURS = (
    ((0.28, 0.6, 0.65), (0.09, 0.7, 0.55), (0.13, 0.6, 0.9)),
    ((0.4, 0.6, 0.55), (0.3, 0.7, 0.4), (0.2, 0.6, 0.85)),
    ((0.1, 0.4, 0.7), (0.07, 0.7, 0.35), (0.1, 0.6, 0.85)),
)
FORE_FLIPPER = [(0.35, -0.4), (0.7, -0.65), (0.97, -0.35), (0.9, -0.2), (0.7, -0.35), (0.5, -0.15)]
HIND_FLIPPER = [(0.35, 0.5), (0.6, 0.65), (0.65, 0.9), (0.45, 0.85), (0.25, 0.65)]


def draw(random, size):
    canvas = Canvas(size)
    flesh, shell, seam = natural(random, COLOURS, 0.75)
    for side in (-1, 1):
        for flipper in (FORE_FLIPPER, HIND_FLIPPER):
            canvas.polygon(mirrored(flipper, side), flesh)
    canvas.ellipse(0, -0.72, 0.19, 0.24, flesh)
    for side in (-1, 1):
        canvas.disc(side * 0.11, -0.8, 0.045, BLACK)
    rgb, alpha = canvas.rgba()
    body = Canvas(size)
    body.ellipse(0, 0.05, 0.62, 0.7, shell * 0.35)
    body.ellipse(0, 0.05, 0.57, 0.65, seam)
    _scutes(body, shell, happens(random, 0.6))
    shell_rgb, shell_alpha = body.rgba()
    rgb = skin(random, rgb, 0.3) * (1 - shell_alpha[..., None]) + shell_rgb * shell_alpha[..., None]
    alpha = alpha + shell_alpha * (1 - alpha)
    return inflate(random, rgb, alpha, 1, 0.45, 0.2), alpha


def _scutes(canvas, colour, rayed):
    """Five plates along the back and a ring of plates around them."""
    outer = [ray(k * math.tau / 10 + math.pi / 10) for k in range(10)]
    for k in range(10):
        start, end = outer[k], outer[(k + 1) % 10]
        stations = ((start, 0.27, 0.36), (start, 0.54, 0.62), (end, 0.54, 0.62), (end, 0.27, 0.36))
        plate = [(x * across, y * along + 0.05) for (x, y), across, along in stations]
        _plate(canvas, plate, colour, rayed)
    for row, half in ((-0.2, 0.16), (0.05, 0.2), (0.3, 0.16)):
        hexagon = [(-half * 1.1, row), (-half * 0.6, row - 0.12), (half * 0.6, row - 0.12)]
        _plate(canvas, hexagon + [(-x, 2 * row - y) for x, y in hexagon], colour * 1.1, rayed)


def _plate(canvas, points, colour, rayed):
    x, y = (sum(axis) / len(points) for axis in zip(*points, strict=True))
    canvas.polygon(shrunk(points, 0.88, (x, y)), colour, smooth=False,
                   gradient=canvas.radial(x, y, 0.22, [colour * 1.4, colour * 0.7]))  # fmt: skip
    if rayed:
        for tip_x, tip_y in shrunk(points, 0.8, (x, y)):
            canvas.line([(x, y), (tip_x, tip_y)], colour * 1.6 + 0.08, 0.015)
