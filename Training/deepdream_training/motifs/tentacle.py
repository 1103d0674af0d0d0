"""Curling octopus arms with suckers."""

import math

from ..drawing.canvas import Canvas
from ..drawing.chance import sign, whole
from ..drawing.colours import natural_colour

KIND = "object"
SKINS = ((0.02, 0.75, 0.8), (0.85, 0.55, 0.7), (0.06, 0.75, 0.9), (0.5, 0.7, 0.6))
JOINTS = 34


def draw(random, size):
    canvas = Canvas(size)
    colour = natural_colour(random, SKINS, 0.65)
    for arm in range(whole(random, 1, 4)):
        width, curl = random.uniform(0.16, 0.26), random.uniform(0.03, 0.1) * sign(random)
        points = _curl(random, arm, curl)
        canvas.limb(points, width, 0.015, colour * random.uniform(0.8, 1.1))
        _suckers(canvas, points, width, 1 if curl > 0 else -1, colour)
    return canvas.rgba()


def _curl(random, arm, curl):
    """A line that rises from the bottom and curls in."""
    x, y, turn = random.uniform(-0.5, 0.5), 1, -math.pi / 2 + random.uniform(-0.4, 0.4)
    points = []
    for joint in range(JOINTS):
        points.append((x, y))
        step = 0.085 * (1 - 0.55 * joint / JOINTS)
        x, y = x + math.cos(turn) * step, y + math.sin(turn) * step
        turn += curl * (0.3 + 3.2 * (joint / JOINTS) ** 2) + 0.12 * math.sin(joint * 0.35 + arm)
    return points


def _suckers(canvas, points, width, side, colour):
    pale = colour * 0.5 + 0.5
    for joint in range(0, JOINTS - 2, 2):
        (x, y), (next_x, next_y) = points[joint], points[joint + 1]
        length = math.hypot(next_x - x, next_y - y)
        half = width * (1 - joint / JOINTS)
        x -= side * (next_y - y) / length * half * 0.55
        y += side * (next_x - x) / length * half * 0.55 if length else 0
        for share, shade in ((0.36, pale * 0.4), (0.3, pale), (0.14, colour * 0.3)):
            canvas.disc(x, y, half * share, shade)
