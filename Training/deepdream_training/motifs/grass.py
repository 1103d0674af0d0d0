"""Blades of grass, the nearer ones brighter."""

from ..drawing.canvas import Canvas
from ..drawing.chance import pick
from ..drawing.colours import natural

KIND = "texture"
COLOURS = (
    ((0.33, 0.8, 0.25), (0.28, 0.75, 0.6), (0.22, 0.7, 0.9)),
    ((0.12, 0.7, 0.4), (0.13, 0.65, 0.75), (0.15, 0.5, 0.95)),
)
BLADES = 110


def draw(random, size):
    canvas = Canvas(size)
    colours = natural(random, COLOURS, 0.75)
    canvas.fill(colours[0] * 0.25)
    for blade in range(BLADES):
        nearness = blade / BLADES
        x, y = random.uniform(-1.2, 1.2), random.uniform(-0.9, 0.4) + nearness
        length, bend = random.uniform(0.4, 1), random.uniform(-0.5, 0.5)
        half = random.uniform(0.02, 0.05)
        middle, y_middle = x + bend * 0.3, y - length * 0.5
        points = [
            (x - half, y + 0.3), (middle - half * 0.7, y_middle), (x + bend, y - length),
            (middle + half * 0.7, y_middle), (x + half, y + 0.3),
        ]  # fmt: skip
        canvas.polygon(points, pick(random, colours) * (0.4 + 0.7 * nearness))
    return canvas.rgb()
