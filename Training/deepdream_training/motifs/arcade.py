"""Storeys of arches on columns."""

from ..drawing.canvas import Canvas, arched_outline
from ..drawing.chance import happens, whole
from ..drawing.colours import dimmed, natural
from ..drawing.fields import fractal_noise

KIND = "texture"
COLOURS = (
    ((0.1, 0.35, 0.8), (0.09, 0.4, 0.95), (0.07, 0.6, 0.4), (0.1, 0.25, 0.95)),
    ((0.03, 0.6, 0.65), (0.08, 0.4, 0.9), (0.6, 0.6, 0.4), (0.09, 0.3, 0.85)),
)


def draw(random, size):
    canvas = Canvas(size)
    columns, storeys = whole(random, 2, 5), whole(random, 1, 4)
    colours = natural(random, COLOURS, 0.65)
    width, height = 2.2 / columns, 2.2 / storeys
    pointed = happens(random, 0.4)
    with canvas.moved(turn=random.uniform(-8, 8) if happens(random, 0.6) else 0, stretch=(1.15, 1.15)):
        canvas.fill(colours[0])
        for storey in range(storeys):
            top = -1.1 + storey * height
            for column in range(columns):
                _bay(canvas, -1.1 + (column + 0.5) * width, top, width, height, colours, pointed)
            canvas.rectangle(-1.3, top + height * 0.93, 1.3, top + height, colours[1] * 0.8)
    return dimmed(canvas.rgb(), 0.8 + 0.4 * fractal_noise(random, size, 8, 4))


def _bay(canvas, x, top, width, height, colours, pointed):
    half = width * 0.34
    spring, bottom = top + half + 0.1 * height, top + height * 0.93
    for share, colour in ((1.25, colours[1]), (1.05, colours[0] * 0.5), (0.95, colours[2] * 0.22)):
        outline = arched_outline(x, half * share, bottom, spring, pointed)
        shading = canvas.linear((x - half, top), (x + half, bottom), [colour * 1.2, colour * 0.6])
        canvas.shape(outline, colour, gradient=shading)
    stone = colours[3]
    for side in (-1, 1):
        shaft = x + side * width * 0.5
        left, right = shaft - width * 0.09, shaft + width * 0.09
        shading = canvas.linear((left, 0), (right, 0), [stone * 0.4, stone * 1.2, stone * 0.5])
        canvas.rectangle(left, spring, right, bottom, stone, shading)
        left, right = shaft - width * 0.14, shaft + width * 0.14
        canvas.rectangle(left, spring - 0.04, right, spring + 0.03, stone * 0.8)
