"""A perching songbird from the side."""

from ..drawing.anatomy import eyeball
from ..drawing.canvas import Canvas
from ..drawing.colours import hsv, natural
from ..drawing.shading import inflate, skin

KIND = "object"
UPRIGHT = True
COLOURS = (
    ((0.07, 0.6, 0.5), (0.06, 0.6, 0.35), (0.04, 0.85, 0.9)),
    ((0.58, 0.85, 0.8), (0.6, 0.85, 0.55), (0.1, 0.2, 1)),
    ((0, 0.9, 0.8), (0, 0.8, 0.5), (0.03, 0.85, 0.95)),
    ((0.15, 0.85, 0.95), (0.25, 0.6, 0.4), (0.15, 0.6, 1)),
)
TAIL = [(-0.3, 0.1), (-0.95, 0.3), (-1, 0.55), (-0.5, 0.4)]
BODY = [
    (0.55, -0.55), (0.3, -0.75), (0, -0.35), (-0.35, 0), (-0.45, 0.35),
    (0, 0.6), (0.4, 0.35), (0.6, -0.1), (0.72, -0.4),
]  # fmt: skip


def draw(random, size):
    canvas = Canvas(size)
    back, wing, breast = natural(random, COLOURS)
    canvas.polygon(TAIL, wing * 0.7)
    canvas.polygon(BODY, back, gradient=canvas.radial(0.2, -0.1, 0.9, [breast * 1.1, back, back * 0.5]))
    canvas.ellipse(0.5, -0.5, 0.26, 0.24, back)
    beak = hsv(random.uniform(0.03, 0.14), 0.8, 0.9)
    canvas.polygon([(0.7, -0.58), (0.98, -0.45), (0.7, -0.4)], beak, smooth=False)
    eyeball(canvas, random, 0.55, -0.55, 0.085)
    _wing(canvas, random.uniform(-30, 30), wing)
    for foot in ([(0, 0.58), (0.02, 0.85), (0.15, 0.88)], [(0.15, 0.5), (0.2, 0.82), (0.33, 0.85)]):
        canvas.line(foot, hsv(0.08, 0.7, 0.5), 0.04)
    rgb, alpha = canvas.rgba()
    return inflate(random, skin(random, rgb, 0.2), alpha, 0.7, 0.3, 0), alpha


def _wing(canvas, turn, colour):
    with canvas.moved(-0.05, 0.1, turn):
        for quill in range(7):
            shade, tip = colour * (1.3 - 0.1 * quill), 0.04 * quill
            with canvas.moved(turn=15 - 8 * quill):
                canvas.polygon([(0.25, -0.05), (-0.2, -0.14), (tip - 0.75, 0), (-0.2, 0.1)], shade * 0.4)
                canvas.polygon([(0.22, -0.03), (-0.2, -0.11), (tip - 0.7, 0), (-0.2, 0.07)], shade)
