"""A pagoda: storeys with curved roofs."""

from ..drawing.canvas import Canvas
from ..drawing.chance import whole
from ..drawing.colours import natural

KIND = "object"
UPRIGHT = True
LARGE = True
COLOURS = (
    ((0.02, 0.8, 0.7), (0.4, 0.5, 0.4), (0.1, 0.5, 0.8)),
    ((0.1, 0.2, 0.95), (0.01, 0.85, 0.75), (0.08, 0.6, 0.5)),
    ((0.09, 0.6, 0.6), (0.6, 0.4, 0.35), (0.1, 0.7, 0.9)),
)


def draw(random, size):
    canvas = Canvas(size)
    wall, roof, window = natural(random, COLOURS)
    storeys, base, width = whole(random, 3, 6), 0.95, random.uniform(0.6, 0.85)
    height = 1.6 / storeys
    for storey in range(storeys):
        half = width * (1 - 0.75 * storey / storeys)
        _storey(canvas, base, half, height, wall, roof, window)
        base -= height
    canvas.line([(0, base), (0, max(-0.95, base - 0.25))], roof, 0.04)
    return canvas.rgba()


def _storey(canvas, base, half, height, wall, roof, window):
    top, side = base - height, half * 0.62
    shading = canvas.linear((-side, 0), (side, 0), [wall * 1.1, wall * 0.5])
    canvas.rectangle(-side, top, side, base, wall, shading)
    for column in (-1, 0, 1):
        x = column * half * 0.38
        left, right = x - half * 0.1, x + half * 0.1
        canvas.rectangle(left, top + height * 0.4, right, base, window * 0.2, corner=half * 0.1)
    for drop, colour in ((0.08, roof * 0.4), (0, roof)):
        eaves, ridge = top + height * (0.2 + drop / 2), top - height * 0.14
        right = [(half * 0.45, ridge), (half * 0.8, eaves - height * 0.03), (half * 1.2, eaves)]
        right.append((half * 0.8, top + height * (0.28 + drop)))
        canvas.polygon([(-x, y) for x, y in right[2::-1]] + right + [(-half * 0.8, right[3][1])], colour)
