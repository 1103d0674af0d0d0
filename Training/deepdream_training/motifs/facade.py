"""A house front with windows."""

from ..drawing.canvas import Canvas
from ..drawing.chance import whole
from ..drawing.colours import dimmed, natural
from ..drawing.fields import fractal_noise

KIND = "texture"
COLOURS = (
    ((0.04, 0.55, 0.65), (0.1, 0.08, 0.95), (0.58, 0.6, 0.5), (0.1, 0.15, 0.8)),
    ((0.12, 0.45, 0.95), (0.1, 0.1, 0.95), (0.6, 0.5, 0.4), (0.35, 0.5, 0.5)),
    ((0.6, 0.15, 0.45), (0.6, 0.1, 0.25), (0.13, 0.7, 1), (0.6, 0.1, 0.6)),
)


def draw(random, size):
    canvas = Canvas(size)
    colours = natural(random, COLOURS, 0.65)
    canvas.fill(colours[0])
    columns, rows = whole(random, 3, 7), whole(random, 3, 8)
    canvas.skia.skew(random.uniform(-0.2, 0.2), random.uniform(-0.25, 0.25))
    for row in range(rows):
        for column in range(columns):
            stretch = (2.4 / columns, 2.4 / rows)
            with canvas.moved(-1.2 + column * stretch[0], -1.2 + row * stretch[1], 0, stretch):
                _window(canvas, colours, colours[2] * random.uniform(0.2, 1.2))
    return dimmed(canvas.rgb(), 0.8 + 0.4 * fractal_noise(random, size, 8, 4))


def _window(canvas, colours, glass):
    """A window with its frame and sill in the unit square."""
    canvas.rectangle(0.18, 0.15, 0.82, 0.83, colours[1])
    canvas.rectangle(0.23, 0.2, 0.77, 0.78, glass, canvas.linear((0, 0), (1, 1), [glass, glass * 0.4]))
    canvas.line([(0.5, 0.2), (0.5, 0.78)], colours[1], 0.05)
    canvas.line([(0.23, 0.45), (0.77, 0.45)], colours[1], 0.05)
    canvas.rectangle(0.12, 0.82, 0.88, 0.88, colours[3])
