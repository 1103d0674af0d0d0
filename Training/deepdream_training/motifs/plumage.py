"""A coat of overlapping feathers."""

from ..drawing.canvas import Canvas
from ..drawing.chance import happens, whole
from ..drawing.colours import natural

KIND = "texture"
COLOURS = (
    ((0.06, 0.7, 0.25), (0.08, 0.7, 0.55), (0.1, 0.5, 0.85), (0.12, 0.2, 0.95)),
    ((0.6, 0.9, 0.3), (0.55, 0.85, 0.65), (0.48, 0.7, 0.85), (0.14, 0.7, 0.95)),
    ((0, 0.9, 0.4), (0.01, 0.9, 0.8), (0.08, 0.9, 0.95), (0.14, 0.8, 1)),
    ((0.36, 0.9, 0.25), (0.34, 0.85, 0.5), (0.25, 0.8, 0.8), (0.15, 0.8, 0.95)),
)


def draw(random, size):
    canvas = Canvas(size)
    count = whole(random, 4, 8)
    step = 2.4 / count
    colours = natural(random, COLOURS, 0.65)
    barbs, spotted = whole(random, 4, 9), happens(random, 0.35)
    with canvas.moved(turn=random.uniform(0, 360), stretch=(1.4, 1.4)):
        canvas.fill(colours[0] * 0.3)
        for row in range(count + 2):
            for column in range(-1, count + 2):
                x = -1.2 + (column + (row % 2) * 0.5) * step + random.uniform(-0.02, 0.02)
                with canvas.moved(x, -1.2 + row * step, random.uniform(-12, 12)):
                    light = random.uniform(0.8, 1.2)
                    _feather(canvas, [c * light for c in colours], step, barbs, spotted)
    rgb = canvas.rgb()
    return rgb[::-1].copy() if happens(random, 0.5) else rgb


def _feather(canvas, colours, step, barbs, spotted):
    width, length = step * 0.62, step * 1.25
    canvas.ellipse(0, 0, width, length, colours[0] * 0.35)
    shading = canvas.linear((0, -length), (0, length), colours[:3])
    canvas.ellipse(0, -0.03 * length, width * 0.93, length * 0.95, colours[1], gradient=shading)
    for barb in range(barbs):
        y = -length * 0.7 + 1.5 * length * barb / barbs
        for side in (-1, 1):
            canvas.line([(0, y), (side * width * 0.8, y + length * 0.35)], colours[3] * 0.6, 0.008, 0.6)
    canvas.line([(0, -length), (0, length * 0.9)], colours[3], 0.015)
    if spotted:
        canvas.disc(0, length * 0.55, width * 0.35, colours[3])
        canvas.disc(0, length * 0.55, width * 0.18, colours[0] * 0.3)
