"""A cat's face: pointed ears, slit eyes, stripes and whiskers."""

from ..drawing.anatomy import round_eyes, short_coat
from ..drawing.canvas import Canvas, mirrored
from ..drawing.chance import whole
from ..drawing.colours import dimmed, natural
from ..drawing.shading import inflate

KIND = "object"
UPRIGHT = True
LARGE = True
COATS = (
    ((0.07, 0.75, 0.9), (0.05, 0.8, 0.6), (0.1, 0.2, 1)),
    ((0.1, 0.15, 0.6), (0.1, 0.2, 0.3), (0.1, 0.08, 0.95)),
    ((0.09, 0.4, 0.75), (0.07, 0.6, 0.35), (0.1, 0.2, 0.95)),
    ((0, 0, 0.22), (0, 0, 0.1), (0, 0, 0.5)),
)
INK = (0.1, 0.05, 0.05)


def draw(random, size):
    canvas = Canvas(size)
    coat, stripe, pale = natural(random, COATS, 0.75)
    for side in (-1, 1):
        canvas.polygon(mirrored([(0.1, -0.5), (0.68, -1.1), (0.9, -0.1)], side), coat * 0.7, smooth=False)
        inner = mirrored([(0.28, -0.55), (0.64, -0.9), (0.76, -0.3)], side)
        canvas.polygon(inner, (0.9, 0.6, 0.6), smooth=False)
    canvas.ellipse(0, 0.08, 0.85, 0.75, coat, gradient=canvas.radial(0, 0, 0.9, [coat * 1.1, coat * 0.6]))
    _stripes(canvas, whole(random, 2, 4), stripe * 0.5)
    for side in (-1, 1):
        canvas.ellipse(side * 0.17, 0.42, 0.24, 0.2, pale * 0.5 + 0.5)
    round_eyes(canvas, random, 0.34, -0.02, random.uniform(0.17, 0.24), slit=True)
    canvas.polygon([(-0.1, 0.24), (0.1, 0.24), (0, 0.36)], (0.85, 0.4, 0.45))
    canvas.line([(-0.2, 0.5), (-0.08, 0.52), (0, 0.4), (0.08, 0.52), (0.2, 0.5)], INK, 0.025)
    for side in (-1, 1):
        for k in range(3):
            whisker = [(side * 0.25, 0.4 + 0.05 * k), (side * 0.95, 0.28 + 0.14 * k)]
            canvas.line(whisker, (1, 1, 1), 0.012)
    rgb, alpha = canvas.rgba()
    return inflate(random, dimmed(rgb, short_coat(random, size)), alpha, 0.8, 0.5, 0), alpha


def _stripes(canvas, count, colour):
    for k in range(count):
        for side in (-1, 1):
            brow = [(side * (0.04 + 0.1 * k), -0.62 + 0.05 * k), (side * (0.06 + 0.1 * k), -0.3)]
            cheek = [(side * 0.85, -0.05 + 0.13 * k), (side * 0.55, 0.05 + 0.1 * k)]
            canvas.line(brow, colour, 0.05)
            canvas.line(cheek, colour, 0.05)
