"""A dragonfly from above: four veined wings and a long banded tail."""

from ..drawing.anatomy import BLACK
from ..drawing.canvas import Canvas
from ..drawing.colours import natural

KIND = "object"
LARGE = True
COLOURS = (
    ((0.55, 0.9, 0.8), (0.5, 0.25, 1), (0.35, 0.8, 0.6)),
    ((0.0, 0.9, 0.85), (0.1, 0.3, 1), (0.05, 0.9, 0.6)),
    ((0.3, 0.9, 0.7), (0.45, 0.25, 0.95), (0.6, 0.8, 0.6)),
)


def draw(random, size):
    canvas = Canvas(size)
    body, wing, eye = natural(random, COLOURS)
    slope, width = random.uniform(-0.12, 0.12), random.uniform(0.12, 0.18)
    for side in (-1, 1):
        with canvas.moved(stretch=(side, 1)):
            _wing(canvas, -0.35, -0.45 + slope, width, wing)
            _wing(canvas, -0.18, 0.1 + slope, width * 1.15, wing)
    canvas.limb([(0, -0.45), (0, -0.2), (0, 0)], 0.12, 0.07, body)
    canvas.limb([(0, -0.05), (0, 0.5), (0, 0.95)], 0.055, 0.04, body)
    for ring in range(8):
        y = 0.05 + ring * 0.115
        canvas.line([(-0.045, y), (0.045, y)], body * 0.25, 0.03)
    for side in (-1, 1):
        canvas.disc(side * 0.09, -0.56, 0.105, eye * 0.4)
        canvas.disc(side * 0.09, -0.56, 0.085, eye, gradient=canvas.radial(
            side * 0.09 - 0.03, -0.6, 0.12, [eye * 1.6 + 0.2, eye, eye * 0.4]))  # fmt: skip
    return canvas.rgba()


def _wing(canvas, root, tip, half, colour):
    """The right wing of a pair, from the thorax at height `root` to its tip at height `tip`."""
    rise = tip - root
    upper = [(0.05, root - 0.02), (0.5, root + rise * 0.5 - half), (0.97, tip - half * 0.3)]
    lower = [(0.9, tip + half * 0.8), (0.45, root + rise * 0.45 + half * 1.1)]
    canvas.polygon(upper + lower, colour * 0.25)
    middle = [(x * 0.97 + 0.01, y + (root + rise * x - y) * 0.1) for x, y in upper + lower]
    canvas.polygon(middle, colour, gradient=canvas.linear((0, root), (1, tip), [colour * 0.75, colour * 1.1]))
    for vein in range(4):
        share = -0.6 + 0.45 * vein
        end = (0.92, tip + half * share * 0.8)
        canvas.line([(0.06, root), (0.5, root + rise * 0.5 + half * share), end], colour * 0.35, 0.012)
    for cross in range(7):
        x = 0.25 + cross * 0.1
        y = root + rise * x
        canvas.line([(x, y - half * 0.7), (x + 0.03, y + half * 0.7)], colour * 0.45, 0.01)
    canvas.line([(0.84, tip - half * 0.35), (0.92, tip - half * 0.28)], BLACK, 0.04)
