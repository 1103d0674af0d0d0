"""A butterfly with spread wings, veins and eyespots."""

from ..drawing.anatomy import BLACK
from ..drawing.canvas import Canvas, shrunk
from ..drawing.colours import natural

KIND = "object"
LARGE = True
COLOURS = (
    ((0.06, 0.95, 1), (0.04, 0.9, 0.85), (0.13, 0.7, 1), (0.05, 0.5, 0.25)),
    ((0.58, 0.95, 0.9), (0.6, 0.9, 0.7), (0.5, 0.6, 1), (0.65, 0.6, 0.2)),
    ((0.15, 0.75, 1), (0.14, 0.8, 0.9), (0.1, 0.15, 1), (0.05, 0.6, 0.3)),
    ((0.02, 0.85, 0.7), (0.06, 0.8, 0.8), (0.6, 0.6, 0.95), (0.08, 0.5, 0.25)),
)


def draw(random, size):
    canvas = Canvas(size)
    upper, lower, bright, dark = natural(random, COLOURS)
    upper_wing, lower_wing = _wings(random)
    spots = [_spot(random, (0.3, 0.75), (-0.65, -0.2)) for _ in range(3)]
    spots += [_spot(random, (0.25, 0.6), (0.15, 0.6)) for _ in range(2)]
    for side in (-1, 1):
        with canvas.moved(stretch=(side, 1)):
            _wing(canvas, lower_wing, lower, bright, dark)
            _wing(canvas, upper_wing, upper, bright, dark)
            for x, y, radius in spots:
                canvas.disc(x, y, radius, dark * 0.25)
                canvas.disc(x, y, radius * 0.75, bright)
                canvas.disc(x, y, radius * 0.35, dark * 0.1)
            canvas.line([(0, -0.3), (0.1, -0.6), (0.25, -0.75)], BLACK, 0.025)
    canvas.limb([(0, -0.35), (0, 0), (0, 0.5)], 0.07, 0.03, dark * 0.6)
    canvas.ellipse(0, -0.35, 0.07, 0.08, dark * 0.4)
    return canvas.rgba()


def _wings(random):
    span, height = random.uniform(0.75, 0.95), random.uniform(0.6, 0.92)
    hind, drop = random.uniform(0.45, 0.8), random.uniform(0.55, 0.95)
    upper = [(0.04, 0.05), (0.3, -0.5 * height), (span, -height), (span * 1.02, -0.4 * height), (0.6, 0.08)]
    lower = [(0.04, 0), (hind, 0.05), (hind * 1.05, 0.5), (hind * 0.6, drop), (0.15, 0.55)]
    return upper, lower


def _spot(random, across, down):
    return random.uniform(*across), random.uniform(*down), random.uniform(0.06, 0.14)


def _wing(canvas, points, colour, bright, dark):
    canvas.polygon(points, dark * 0.3)
    x, y = (sum(axis) / len(points) for axis in zip(*points, strict=True))
    shading = canvas.radial(0.05, 0, 1, [bright, colour, colour * 0.6])
    canvas.polygon(shrunk(points, 0.86, (x, y)), colour, gradient=shading)
    for tip_x, tip_y in points[1:]:
        middle = (x * 0.5 + tip_x * 0.45, y * 0.5 + tip_y * 0.45)
        canvas.line([(0.05, 0.03), middle, (tip_x * 0.97, tip_y * 0.97)], dark * 0.3, 0.02)
