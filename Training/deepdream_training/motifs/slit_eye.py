"""A reptile's eye: a slit pupil among scales."""

import math

from ..drawing.anatomy import eyeball
from ..drawing.canvas import Canvas, ray
from ..drawing.chance import angle
from ..drawing.colours import natural_colour
from ..drawing.shading import inflate

KIND = "object"
SKINS = ((0.3, 0.7, 0.5), (0.24, 0.6, 0.45), (0.08, 0.5, 0.5), (0.5, 0.6, 0.5))


def draw(random, size):
    canvas = Canvas(size)
    colour = natural_colour(random, SKINS, 0.65)
    canvas.disc(0, 0, 1, colour * 0.6)
    for _ in range(70):
        turn = angle(random)
        x, y = ray(turn, random.uniform(0.7, 0.95))
        canvas.ellipse(x, y, 0.09, 0.07, colour * random.uniform(0.5, 1.5), turn=math.degrees(turn))
    radius, flatness = 0.68, random.uniform(0.8, 1)
    canvas.ellipse(0, 0, radius * 1.12, radius * 1.12 * flatness, (0.02, 0.02, 0.02))
    with canvas.moved(stretch=(1, flatness)):
        eyeball(canvas, random, 0, 0, radius, slit=True, turn=random.uniform(-20, 20))
    rgb, alpha = canvas.rgba()
    return inflate(random, rgb, alpha, depth=0.8), alpha
