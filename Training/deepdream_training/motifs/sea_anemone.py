"""A sea anemone: a crown of soft arms with bright tips."""

from ..drawing.canvas import Canvas, ray
from ..drawing.chance import angle, whole
from ..drawing.colours import natural

KIND = "object"
COLOURS = (
    ((0.9, 0.55, 0.85), (0.13, 0.4, 1)),
    ((0.3, 0.6, 0.7), (0.85, 0.6, 1)),
    ((0.04, 0.8, 0.9), (0.1, 0.3, 1)),
    ((0.72, 0.6, 0.7), (0.5, 0.5, 1)),
)


def draw(random, size):
    canvas = Canvas(size)
    colour, tip = natural(random, COLOURS)
    count = whole(random, 30, 60)
    for arm in range(count):
        inwards = arm / count
        turn, bend = angle(random), random.uniform(-0.5, 0.5)
        root = ray(turn, random.uniform(0.05, 0.35) * (1 - inwards * 0.7))
        length = random.uniform(0.5, 0.62) * (1.1 - 0.5 * inwards)
        points = []
        for joint in range(6):
            step = ray(turn + bend * joint / 5, length * joint / 5)
            points.append((root[0] + step[0], root[1] + step[1]))
        canvas.limb(points, 0.075, 0.045, colour * (0.55 + 0.6 * inwards))
        canvas.disc(*points[-1], 0.06, tip * random.uniform(0.7, 1.2))
    return canvas.rgba()
