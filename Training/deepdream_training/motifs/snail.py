"""A snail: a spiral shell on a creeping foot, with eyestalks."""

import numpy as np

from ..drawing.anatomy import chambered_shell
from ..drawing.canvas import Canvas
from ..drawing.colours import blend, natural_colour

KIND = "object"
UPRIGHT = True
BODIES = ((0.1, 0.4, 0.8), (0.08, 0.5, 0.55), (0.2, 0.4, 0.7))
SHELLS = (
    ((0.06, 0.7, 0.45), (0.08, 0.6, 0.75), (0.11, 0.4, 0.95), (0.05, 0.7, 0.3)),
    ((0.14, 0.7, 0.7), (0.13, 0.6, 0.9), (0.12, 0.3, 1), (0.05, 0.7, 0.3)),
)


def draw(random, size):
    body, body_alpha = _body(size, natural_colour(random, BODIES))
    part = int(size * 0.78)
    shell, shell_alpha = chambered_shell(random, part, SHELLS)
    left, top = int(size * 0.02), int(size * 0.14)
    rgb, alpha = np.zeros((size, size, 3), np.float32), np.zeros((size, size), np.float32)
    rgb[top : top + part, left : left + part] = shell[:, ::-1]
    alpha[top : top + part, left : left + part] = shell_alpha[:, ::-1]
    return blend(body, rgb, alpha), np.maximum(body_alpha, alpha)


def _body(size, colour):
    canvas = Canvas(size)
    canvas.limb([(-0.95, 0.85), (-0.3, 0.75), (0.4, 0.75), (0.75, 0.5), (0.8, 0.2)], 0.08, 0.16, colour)
    for lean in (0, 0.14):
        tip = (min(0.95, 0.85 + lean * 1.5), -0.25)
        canvas.line([(0.78 + lean, 0.1), tip], colour, 0.04)
        canvas.disc(*tip, 0.05, (0.05, 0.03, 0.03))
    return canvas.rgba()
