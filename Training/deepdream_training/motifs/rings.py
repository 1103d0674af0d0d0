"""Chain mail: interlocked rings."""

from ..drawing.canvas import Canvas
from ..drawing.chance import whole
from ..drawing.colours import natural

KIND = "texture"
COLOURS = (
    ((0.6, 0.3, 0.3), (0.6, 0.12, 0.75)),
    ((0.05, 0.6, 0.2), (0.12, 0.75, 0.85)),
    ((0.02, 0.6, 0.25), (0.05, 0.75, 0.75)),
)


def draw(random, size):
    canvas = Canvas(size)
    count = whole(random, 3, 7)
    step = 2.8 / count
    ground, metal = natural(random, COLOURS, 0.6)
    width = step * random.uniform(0.1, 0.2)
    with canvas.moved(turn=random.uniform(0, 360)):
        canvas.fill(ground * 0.3)
        for row in range(count + 1):
            for column in range(count + 1):
                x, y = -1.4 + (column + 0.5 * (row % 2)) * step, -1.4 + row * step * 0.85
                _ring(canvas, x, y, step * 0.55, width, metal)
    return canvas.rgb()


def _ring(canvas, x, y, radius, width, metal):
    for share, light in ((1.5, 0.15), (1, 0.6), (0.6, 1), (0.25, 1.5)):
        shift = width * 0.2 if light > 1 else 0
        canvas.ellipse(x - shift, y - shift, radius, radius * 0.9, metal * light, width=width * share)
