"""One peacock feather with its eye, or a fan of them."""

from ..drawing.anatomy import vane
from ..drawing.canvas import Canvas
from ..drawing.chance import pick
from ..drawing.colours import natural

KIND = "object"
LARGE = True
BARBS = (((0.35, 0.85, 0.5), (0.2, 0.8, 0.6)), ((0.42, 0.85, 0.5), (0.28, 0.8, 0.65)))
EYES = (((0.1, 0.8, 0.8), (0.5, 0.9, 0.8), (0.63, 0.95, 0.6), (0.68, 0.9, 0.15)),)


def draw(random, size):
    canvas = Canvas(size)
    count = pick(random, (1, 1, 5, 7))
    barbs, eye = natural(random, BARBS, 0.75), natural(random, EYES, 0.75)
    for k in range(count):
        if count == 1:
            _feather(canvas, random, barbs, eye)
            continue
        turn = (k - (count - 1) / 2) * 150 / count
        with canvas.moved(0, 0.6, turn), canvas.moved(0, -0.8, 0, (0.55, 0.75)):
            _feather(canvas, random, barbs, eye)
    return canvas.rgba()


def _feather(canvas, random, barbs, eye):
    vane(canvas, random, barbs, 0.9, 0.5, 34)
    for reach, colour in zip((0.42, 0.34, 0.24, 0.13), eye, strict=True):
        notch = -0.25 + reach * (0.75 if reach < 0.2 else 1.05)
        points = [
            (0, -0.25 - reach), (reach * 0.85, -0.25), (reach * 0.6, -0.25 + reach * 0.9),
            (0, notch), (-reach * 0.6, -0.25 + reach * 0.9), (-reach * 0.85, -0.25),
        ]  # fmt: skip
        shading = canvas.radial(0, -0.3, reach * 1.2, [colour * 1.3, colour * 0.75])
        canvas.polygon(points, colour, gradient=shading)
