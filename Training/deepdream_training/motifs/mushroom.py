"""A mushroom with gills, often spotted."""

import math

from ..drawing.canvas import Canvas, shrunk
from ..drawing.chance import whole
from ..drawing.colours import natural_colour

KIND = "object"
UPRIGHT = True
CAPS = ((0, 0.9, 0.85), (0.06, 0.7, 0.7), (0.09, 0.5, 0.8), (0.03, 0.85, 0.95))
STEMS = ((0.11, 0.2, 0.95), (0.1, 0.1, 1))


def draw(random, size):
    canvas = Canvas(size)
    colour, pale = natural_colour(random, CAPS), natural_colour(random, STEMS, 0.8) * 0.5 + 0.45
    width, rise = random.uniform(0.12, 0.25), random.uniform(0.2, 0.6)
    stem = [(random.uniform(-0.1, 0.1), 0.95), (random.uniform(-0.06, 0.06), 0.5), (0, -0.1)]
    canvas.limb(stem, width * 1.25, width, pale)
    cap = [
        (-0.9, 0.1), (-0.75, -0.3), (-0.35, -0.3 - rise * 0.8), (0, -0.35 - rise),
        (0.35, -0.3 - rise * 0.8), (0.75, -0.3), (0.9, 0.1), (0.4, 0.2), (0, 0.22), (-0.4, 0.2),
    ]  # fmt: skip
    canvas.polygon(cap, colour * 0.3)
    shading = canvas.radial(-0.25, -0.45, 1.2, [colour * 1.5, colour, colour * 0.35])
    canvas.polygon(shrunk(cap, 0.97), colour, gradient=shading)
    canvas.ellipse(0, 0.1, 0.84, 0.13, pale * 0.5)
    for gill in range(22):
        x = -0.8 + gill * 1.6 / 21
        end = (x, 0.1 + 0.12 * math.sqrt(max(0, 1 - (x / 0.85) ** 2)))
        canvas.line([(x * 0.25, 0.1), end], pale * 0.9, 0.015)
    with canvas.clipped(cap):
        for _ in range(whole(random, 0, 16)):
            spot = random.uniform(0.04, 0.13)
            canvas.ellipse(random.uniform(-0.8, 0.8), random.uniform(-0.9, -0.05), spot, spot * 0.8, pale)
    return canvas.rgba()
