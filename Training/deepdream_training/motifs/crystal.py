"""A cluster of pointed crystals."""

from ..drawing.canvas import Canvas
from ..drawing.chance import whole
from ..drawing.colours import natural_colour

KIND = "object"
LARGE = True
STONES = ((0.76, 0.6, 0.9), (0.55, 0.35, 1), (0.4, 0.75, 0.75), (0.95, 0.45, 0.95), (0.13, 0.6, 0.95))


def draw(random, size):
    canvas = Canvas(size)
    colour = natural_colour(random, STONES)
    for k in range(whole(random, 4, 9)):
        turn = random.uniform(-75, 75) if k < 6 else random.uniform(-25, 25)
        with canvas.moved(random.uniform(-0.15, 0.15), 0.4, turn):
            half, length = random.uniform(0.1, 0.2), random.uniform(0.6, 1.15)
            _crystal(canvas, half, length, colour * random.uniform(0.6, 1.1))
    return canvas.rgba()


def _crystal(canvas, half, length, colour):
    for side, dark, bright in ((-1, 0.5, 1.5), (1, 0.25, 0.8)):
        face = [(side * half, 0.3), (side * half, half - length), (0, -length), (0, 0.3)]
        shading = canvas.linear((0, 0.3), (0, -length), [colour * dark, colour * bright])
        canvas.polygon(face, colour, smooth=False, gradient=shading)
