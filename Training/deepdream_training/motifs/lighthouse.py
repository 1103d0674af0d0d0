"""A banded lighthouse on its rock."""

from ..drawing.canvas import Canvas
from ..drawing.chance import happens, whole
from ..drawing.colours import natural

KIND = "object"
UPRIGHT = True
LARGE = True
COLOURS = (
    ((0, 0.85, 0.8), (0.1, 0.03, 1), (0.08, 0.3, 0.4)),
    ((0.6, 0.8, 0.5), (0.1, 0.05, 1), (0.6, 0.15, 0.4)),
    ((0, 0, 0.15), (0.12, 0.2, 1), (0.1, 0.3, 0.45)),
)
GLASS = (1, 0.92, 0.55)


def draw(random, size):
    canvas = Canvas(size)
    dark, pale, rock = natural(random, COLOURS, 0.75)
    bands, foot, head = whole(random, 4, 8), random.uniform(0.26, 0.36), random.uniform(0.15, 0.2)
    ground = [(-0.9, 1), (-0.7, 0.8), (-0.3, 0.7), (0.2, 0.72), (0.6, 0.8), (0.9, 1)]
    canvas.polygon(ground, rock, gradient=canvas.linear((0, 0.7), (0, 1), [rock * 1.4, rock * 0.6]))
    for band in range(bands):
        _band(canvas, band / bands, (band + 1) / bands, foot, head, pale if band % 2 else dark)
    if happens(random, 0.3):
        for side in (-1, 1):
            beam = [(side * 0.1, -0.62), (side, -0.85), (side, -0.4)]
            canvas.polygon(beam, GLASS, 0.8, smooth=False)
    _lantern(canvas, head, dark)
    for row in range(3):
        canvas.rectangle(-0.035, -0.2 + row * 0.3, 0.035, -0.1 + row * 0.3, dark * 0.2)
    return canvas.rgba()


def _band(canvas, low, high, foot, head, colour):
    """A part of the tower between two shares of its height."""

    def corner(share):
        return foot + (head - foot) * share, 0.8 - 1.3 * share

    (low_half, low_y), (high_half, high_y) = corner(low), corner(high)
    shading = canvas.linear((-low_half, 0), (low_half, 0), [colour * 0.8, colour * 1.15, colour * 0.4])
    points = [(-low_half, low_y), (-high_half, high_y), (high_half, high_y), (low_half, low_y)]
    canvas.polygon(points, colour, smooth=False, gradient=shading)


def _lantern(canvas, half, colour):
    canvas.rectangle(-half * 1.4, -0.52, half * 1.4, -0.46, colour * 0.5)
    canvas.rectangle(-half * 0.75, -0.74, half * 0.75, -0.52, GLASS)
    for x in (-0.75, -0.25, 0.25, 0.75):
        canvas.line([(half * x, -0.74), (half * x, -0.52)], colour * 0.4, 0.02)
    dome = [(-half, -0.73), (-half * 0.6, -0.9), (0, -0.97), (half * 0.6, -0.9), (half, -0.73)]
    canvas.polygon(dome, colour, gradient=canvas.linear((-half, 0), (half, 0), [colour * 1.2, colour * 0.4]))
