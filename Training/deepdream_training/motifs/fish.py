"""A fish from the side, scaled or banded."""

from ..drawing.anatomy import eyeball
from ..drawing.canvas import Canvas
from ..drawing.chance import happens, whole
from ..drawing.colours import natural
from ..drawing.shading import inflate

KIND = "object"
UPRIGHT = True
LARGE = True
COLOURS = (
    ((0.06, 0.95, 1), (0.05, 0.9, 0.85), (0.1, 0.9, 1), (0.1, 0.1, 1)),
    ((0.15, 0.9, 1), (0.58, 0.9, 0.7), (0.6, 0.8, 0.6), (0.6, 0.8, 0.3)),
    ((0.55, 0.3, 0.8), (0.57, 0.5, 0.55), (0.55, 0.2, 0.95), (0.6, 0.5, 0.3)),
    ((0.5, 0.8, 0.8), (0.85, 0.7, 0.8), (0.3, 0.7, 0.8), (0.75, 0.8, 0.5)),
)


def draw(random, size):
    canvas = Canvas(size)
    colours = body, fin, back, _ = natural(random, COLOURS)
    half = random.uniform(0.3, 0.55)
    tail = [(-0.5, 0), (-0.98, -half), (-0.85, 0), (-0.98, half)]
    canvas.polygon(tail, fin, gradient=canvas.linear((-1, 0), (-0.5, 0), [back, fin * 0.5]))
    canvas.polygon([(-0.35, -half * 0.6), (0, -half * 1.7), (0.4, -half * 0.7)], fin * 0.8)
    canvas.polygon([(-0.1, half * 0.7), (0, half * 1.5), (0.3, half * 0.8)], fin * 0.8)
    _body(canvas, random, half, colours)
    canvas.polygon([(0.25, 0.05), (-0.05, 0), (-0.05, 0.25)], fin)
    eyeball(canvas, random, 0.68, -half * 0.2, 0.11)
    canvas.line([(0.92, 0.05), (0.82, 0.1)], body * 0.2, 0.03)
    rgb, alpha = canvas.rgba()
    return inflate(random, rgb, alpha, 0.8, 0.35), alpha


def _body(canvas, random, half, colours):
    body, _, back, mark = colours
    upper = [(-0.62, 0), (-0.2, -half * 0.85), (0.3, -half), (0.75, -half * 0.5), (0.93, 0)]
    outline = upper + [(x, -y) for x, y in upper[3:0:-1]]
    shading = canvas.linear((0, -half), (0, half), [back * 0.8, body, body * 1.4 + 0.1])
    canvas.polygon(outline, body, gradient=shading)
    with canvas.clipped(outline):
        if happens(random, 0.6):
            _scales(canvas, whole(random, 7, 12), mark * 0.5)
        else:
            for band in range(whole(random, 2, 4)):
                x = -0.4 + 0.3 * band
                canvas.line([(x, -1), (x + 0.12, 0), (x, 1)], mark, 0.12)
        canvas.polygon([(0.5, -half), (0.42, 0), (0.5, half), (1, half), (1, -half)], body * 0.8, 0.7)


def _scales(canvas, count, colour):
    step = 1.2 / count
    for row in range(-count, count):
        for column in range(count):
            x, y = -0.6 + (column + 0.5 * (row % 2)) * step, row * step * 0.55
            canvas.ellipse(x, y, step * 0.5, step * 0.45, colour, 0.7, width=0.014)
