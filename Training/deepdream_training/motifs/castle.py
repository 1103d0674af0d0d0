"""Castle towers, pointed or with battlements."""

from ..drawing.canvas import Canvas
from ..drawing.chance import happens, whole
from ..drawing.colours import dimmed, natural
from ..drawing.fields import fractal_noise

KIND = "object"
UPRIGHT = True
LARGE = True
COLOURS = (
    ((0.1, 0.15, 0.7), (0.6, 0.5, 0.5), (0.1, 0.6, 0.5)),
    ((0.09, 0.35, 0.85), (0.01, 0.8, 0.65), (0.1, 0.7, 0.6)),
    ((0.6, 0.1, 0.85), (0.58, 0.7, 0.7), (0.13, 0.8, 0.9)),
)


def draw(random, size):
    canvas = Canvas(size)
    wall, roof, window = natural(random, COLOURS)
    canvas.rectangle(-0.75, 0.45, 0.75, 1, wall * 0.75)
    for _ in range(whole(random, 2, 4)):
        x, half, top = random.uniform(-0.65, 0.65), random.uniform(0.14, 0.24), random.uniform(-0.45, 0.2)
        _tower(canvas, random, x, half, top, wall * random.uniform(0.75, 1.15), roof)
        _windows(canvas, x, half, top, window * 0.25)
    rgb, alpha = canvas.rgba()
    return dimmed(rgb, 0.75 + 0.5 * fractal_noise(random, size, 12, 3)), alpha


def _tower(canvas, random, x, half, top, wall, roof):
    shading = canvas.linear((x - half, 0), (x + half, 0), [wall * 1.2, wall * 0.45])
    canvas.rectangle(x - half, top, x + half, 1, wall, shading)
    if happens(random, 0.6):
        cone = [(x - half * 1.3, top), (x, top - random.uniform(0.3, 0.5)), (x + half * 1.3, top)]
        shading = canvas.linear((x - half, 0), (x + half, 0), [roof * 1.2, roof * 0.4])
        canvas.polygon(cone, roof, smooth=False, gradient=shading)
        return
    for tooth in range(4):
        left = x - half * 1.1 + tooth * half * 0.6
        canvas.rectangle(left, top - 0.08, left + half * 0.35, top + 0.02, wall)


def _windows(canvas, x, half, top, colour):
    for row in range(4):
        y = top + 0.15 + row * 0.27
        canvas.ellipse(x, y, half * 0.25, 0.07, colour)
        canvas.rectangle(x - half * 0.25, y, x + half * 0.25, y + 0.1, colour)
