"""A dog's face with hanging or pricked ears."""

import numpy as np

from ..drawing.anatomy import round_eyes, short_coat
from ..drawing.canvas import Canvas, mirrored, shrunk
from ..drawing.chance import happens
from ..drawing.colours import dimmed, hsv, natural
from ..drawing.shading import inflate

KIND = "object"
UPRIGHT = True
LARGE = True
COATS = (
    ((0.08, 0.6, 0.75), (0.06, 0.65, 0.4), (0.1, 0.2, 0.95)),
    ((0.07, 0.6, 0.35), (0.06, 0.6, 0.22), (0.09, 0.5, 0.75)),
    ((0.1, 0.1, 0.93), (0.07, 0.65, 0.5), (0.1, 0.05, 1)),
    ((0, 0, 0.2), (0, 0, 0.12), (0.07, 0.65, 0.7)),
)
IRIS = (hsv(0.08, 0.7, 0.2), hsv(0.08, 0.7, 0.5), hsv(0.1, 0.6, 0.7))
HANGING_EAR = [(0.4, -0.6), (0.85, -0.6), (0.98, 0), (0.8, 0.45), (0.6, 0.1)]
PRICKED_EAR = [(0.2, -0.6), (0.6, -1), (0.75, -0.3)]
NOSE = [(-0.17, 0.2), (0, 0.15), (0.17, 0.2), (0.1, 0.33), (0, 0.38), (-0.1, 0.33)]
INK = (0.05, 0.03, 0.03)


def draw(random, size):
    canvas = Canvas(size)
    coat, ear, pale = natural(random, COATS, 0.75)
    hanging = happens(random, 0.6)
    if not hanging:
        _pricked_ears(canvas, ear)
    _head(canvas, random.uniform(0.6, 0.75), coat)
    if happens(random, 0.6):
        canvas.polygon([(0, -0.8), (0.15, -0.3), (0.12, 0.2), (0, 0.4), (-0.12, 0.2), (-0.15, -0.3)], pale)
    if hanging:
        for side in (-1, 1):
            shading = canvas.linear((side * 0.4, 0), (side, 0), [ear * 0.5, ear * 1.1])
            canvas.polygon(mirrored(HANGING_EAR, side), ear, gradient=shading)
    canvas.ellipse(0, 0.42, 0.4, 0.33, pale * 0.6)
    for side in (-1, 1):
        canvas.ellipse(side * 0.17, 0.42, 0.23, 0.26, pale)
    eye_x, eye_y = random.uniform(0.27, 0.34), random.uniform(-0.2, -0.05)
    round_eyes(canvas, random, eye_x, eye_y, random.uniform(0.11, 0.16), IRIS)
    _nose_and_mouth(canvas, happens(random, 0.4))
    rgb, alpha = canvas.rgba()
    return inflate(random, dimmed(rgb, short_coat(random, size)), alpha, 0.8, 0.5, 0), alpha


def _pricked_ears(canvas, colour):
    for side in (-1, 1):
        outline = mirrored(PRICKED_EAR, side)
        canvas.polygon(outline, colour * 0.5)
        canvas.polygon(shrunk(outline, 0.93), colour * 0.8)


def _head(canvas, width, colour):
    points = [
        (0, -0.8), (width * 0.8, -0.6), (width, 0), (width * 0.7, 0.55),
        (0, 0.92), (-width * 0.7, 0.55), (-width, 0), (-width * 0.8, -0.6),
    ]  # fmt: skip
    canvas.polygon(points, colour, gradient=canvas.radial(0, 0, 1, [colour * 1.15, colour * 0.6]))


def _nose_and_mouth(canvas, tongue):
    canvas.polygon(NOSE, INK)
    canvas.ellipse(-0.05, 0.21, 0.05, 0.025, np.full(3, 0.8), 0.8)
    canvas.line([(0, 0.38), (0, 0.52)], INK, 0.025)
    canvas.line([(-0.25, 0.5), (-0.1, 0.6), (0, 0.52), (0.1, 0.6), (0.25, 0.5)], INK, 0.025)
    if tongue:
        canvas.polygon([(-0.1, 0.58), (0.1, 0.58), (0.1, 0.8), (0, 0.88), (-0.1, 0.8)], (0.9, 0.35, 0.4))
        canvas.line([(0, 0.6), (0, 0.78)], (0.6, 0.15, 0.2), 0.015)
