"""A human or animal eye with lids, lashes, and sometimes a brow."""

from ..drawing.anatomy import eyeball
from ..drawing.canvas import Canvas
from ..drawing.chance import happens, whole
from ..drawing.colours import natural_colour
from ..drawing.shading import skin

KIND = "object"
UPRIGHT = True
SKINS = ((0.06, 0.35, 0.95), (0.06, 0.5, 0.7), (0.05, 0.6, 0.45), (0.3, 0.5, 0.6))


def draw(random, size):
    canvas = Canvas(size)
    opening, tilt = random.uniform(0.35, 0.65), random.uniform(-0.12, 0.12)
    colour = natural_colour(random, SKINS, 0.65)
    upper = [(-0.95, tilt), (-0.5, -opening * 0.75), (0, -opening), (0.5, -opening * 0.75), (0.95, -tilt)]
    lower = [(0.5, opening * 0.65), (0, opening * 0.8), (-0.5, opening * 0.65)]
    canvas.ellipse(0, 0, 1, 0.85, colour, gradient=canvas.radial(0, 0, 1, [colour * 0.7, colour, colour * 0.85]))
    for fold in range(whole(random, 1, 3)):
        canvas.line([(x * 1.03, y * 1.2 - 0.07 * fold - 0.03) for x, y in upper], colour * 0.5, 0.03)
    with canvas.clipped(upper + lower):
        canvas.fill((1, 1, 1), canvas.radial(0, 0, 0.95, [(1, 1, 1), (0.95, 0.92, 0.92), (0.6, 0.5, 0.5)]))
        x, y = random.uniform(-0.2, 0.2), random.uniform(-0.08, 0.08)
        eyeball(canvas, random, x, y, opening * random.uniform(0.8, 0.98))
    canvas.line(upper, colour * 0.15, 0.06)
    canvas.line([upper[-1], *lower, upper[0]], colour * 0.4, 0.025)
    _lashes(canvas, random, opening)
    if happens(random, 0.5):
        brow = [(-0.8, -opening - 0.25), (0, -opening - 0.38), (0.8, -opening - 0.2)]
        canvas.line(brow, colour * 0.2, 0.1)
    rgb, alpha = canvas.rgba()
    return skin(random, rgb, 0.12), alpha


def _lashes(canvas, random, opening):
    for lash in range(14):
        along = 2 * lash / 13 - 1
        x, y = 0.9 * along, -opening * (1 - along**2) ** 0.6
        points = [(x, y), (x * 1.12, y - 0.1), (x * 1.25, y - 0.25 * random.uniform(0.7, 1.1))]
        canvas.line(points, (0.03, 0.02, 0.02), 0.02)
