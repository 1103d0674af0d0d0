"""One feather."""

from ..drawing.anatomy import vane
from ..drawing.canvas import Canvas
from ..drawing.chance import whole
from ..drawing.colours import natural

KIND = "object"
COLOURS = (
    ((0.08, 0.5, 0.35), (0.08, 0.45, 0.65), (0.1, 0.2, 0.95)),
    ((0, 0.9, 0.8), (0.13, 0.9, 0.95), (0.58, 0.9, 0.7)),
    ((0.6, 0.5, 0.3), (0.57, 0.7, 0.7), (0.55, 0.2, 1)),
)


def draw(random, size):
    canvas = Canvas(size)
    canvas.skia.skew(random.uniform(-0.25, 0.25), 0)
    colours, width = natural(random, COLOURS, 0.6), random.uniform(0.25, 0.5)
    vane(canvas, random, colours, 0.92, width, whole(random, 30, 50))
    return canvas.rgba()
