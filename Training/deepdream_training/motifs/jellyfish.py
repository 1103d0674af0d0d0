"""A jellyfish: a glowing bell with trailing threads."""

import math

from ..drawing.canvas import Canvas
from ..drawing.chance import whole
from ..drawing.colours import natural_colour

KIND = "object"
UPRIGHT = True
BODIES = ((0.55, 0.6, 0.95), (0.85, 0.5, 0.95), (0.05, 0.7, 1), (0.72, 0.6, 0.9))
BELL = [
    (-0.8, 0), (-0.7, -0.5), (-0.35, -0.85), (0, -0.95), (0.35, -0.85), (0.7, -0.5), (0.8, 0),
    (0.5, -0.1), (0.25, 0.02), (0, -0.08), (-0.25, 0.02), (-0.5, -0.1),
]  # fmt: skip


def draw(random, size):
    canvas = Canvas(size)
    colour = natural_colour(random, BODIES)
    for _ in range(whole(random, 8, 16)):
        x, phase = random.uniform(-0.6, 0.6), random.uniform(0, 6)
        thread = [(x, -0.15)]
        for k in range(1, 9):
            sway = 0.09 * math.sin(k * 0.9 + phase)
            thread.append((x * (1 - 0.03 * k) + sway, -0.15 + k * 0.13 * random.uniform(0.85, 1.1)))
        canvas.line(thread, colour * random.uniform(0.6, 1.3), random.uniform(0.015, 0.06), 0.75)
    shading = canvas.radial(0, -0.2, 0.85, [colour * 1.5 + 0.2, colour, colour * 0.4])
    canvas.polygon(BELL, colour, gradient=shading)
    for rib in range(7):
        x = -0.6 + rib * 0.2
        canvas.line([(x * 0.25, -0.9), (x * 0.9, -0.5), (x * 1.15, -0.05)], colour * 1.4 + 0.15, 0.02, 0.7)
    return canvas.rgba()
