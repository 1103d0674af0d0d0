"""Fallen or growing leaves, one over the other."""

from ..drawing.canvas import Canvas
from ..drawing.chance import pick, whole
from ..drawing.colours import natural

KIND = "texture"
COLOURS = (
    ((0.36, 0.8, 0.3), (0.3, 0.75, 0.55), (0.25, 0.7, 0.85)),
    ((0.02, 0.9, 0.5), (0.06, 0.9, 0.85), (0.13, 0.85, 0.95)),
)


def draw(random, size):
    canvas = Canvas(size)
    colours = natural(random, COLOURS, 0.75)
    canvas.fill(colours[0] * 0.2)
    for leaf in range(whole(random, 25, 60)):
        with canvas.moved(random.uniform(-1, 1), random.uniform(-1, 1), random.uniform(0, 360)):
            light = random.uniform(0.6, 1.2) * (0.5 + 0.5 * min(1, leaf / 40))
            length = random.uniform(0.25, 0.5)
            _leaf(canvas, length, length * random.uniform(0.3, 0.5), pick(random, colours) * light)
    return canvas.rgb()


def _leaf(canvas, length, half, colour):
    points = [
        (0, -length), (half, -0.1 * length), (half * 0.5, 0.6 * length),
        (0, length), (-half * 0.5, 0.6 * length), (-half, -0.1 * length),
    ]  # fmt: skip
    shading = canvas.linear((-half, 0), (half, 0), [colour * 1.25, colour * 0.6])
    canvas.polygon(points, colour, gradient=shading)
    canvas.line([(0, -length), (0, length)], colour * 1.5, 0.015)
    for vein in range(4):
        y = (-0.6 + vein * 0.35) * length
        for side in (-1, 1):
            canvas.line([(0, y), (side * half * 0.7, y - 0.2 * length)], colour * 1.4, 0.008)
