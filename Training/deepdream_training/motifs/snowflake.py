"""A snow crystal with six arms."""

import math

from ..drawing.canvas import Canvas
from ..drawing.chance import pick, whole
from ..drawing.colours import natural_colour

KIND = "object"
ICE = ((0.55, 0.2, 1), (0.58, 0.45, 1), (0.5, 0.1, 1))


def draw(random, size):
    canvas = Canvas(size)
    colour = natural_colour(random, ICE) + 0.15
    twigs = [(random.uniform(0.15, 0.9), random.uniform(0.1, 0.4)) for _ in range(whole(random, 3, 6))]
    width, slant = random.uniform(0.02, 0.05), pick(random, (0.7, 1.047))
    for layer_width, layer_colour in ((width * 2.2, colour * 0.45), (width, colour)):
        for arm in range(6):
            with canvas.moved(turn=60 * arm):
                canvas.line([(0, 0), (0.95, 0)], layer_colour, layer_width)
                for start, length in twigs:
                    reach = length * (1.1 - start)
                    x, y = start + math.cos(slant) * reach, math.sin(slant) * reach * 1.4
                    for side in (-1, 1):
                        canvas.line([(start, 0), (x, side * y)], layer_colour, layer_width * 0.8)
        canvas.disc(0, 0, 0.14, layer_colour)
    return canvas.rgba()
