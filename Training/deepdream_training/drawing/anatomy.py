"""Parts that several motifs share: eyes, feathers, the chambered shell."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.random import Generator

from .canvas import Canvas, ray
from .chance import happens
from .colours import blend, colour_map, natural
from .fields import line_integral_convolution
from .geometry import coverage, grid, polar, smoothstep
from .shading import relief

Array = np.ndarray
BLACK = (0.01, 0.01, 0.02)
WHITE = (1, 1, 1)

IRISES = (
    ((0.08, 0.8, 0.35), (0.09, 0.8, 0.6), (0.11, 0.75, 0.85)),
    ((0.58, 0.8, 0.4), (0.57, 0.7, 0.75), (0.53, 0.45, 0.95)),
    ((0.28, 0.7, 0.3), (0.26, 0.7, 0.6), (0.2, 0.6, 0.85)),
    ((0.07, 0.95, 0.6), (0.1, 1, 0.9), (0.14, 0.9, 1)),
)


def eyeball(
    canvas: Canvas, random: Generator, x: float, y: float, radius: float,
    iris: Sequence[Array] | None = None, slit: bool = False, turn: float = 0,
) -> None:  # fmt: skip
    """An iris with rays, a round or slit pupil, and the reflection of a window."""
    dark, middle, bright = natural(random, IRISES, 0.6) if iris is None else iris
    with canvas.moved(x, y, turn, (radius, radius)):
        canvas.disc(0, 0, 1, dark * 0.2)
        glow = canvas.radial(0, 0, 0.94, [bright * 1.2, middle, dark * 0.5], [0.3, 0.6, 1])
        canvas.disc(0, 0, 0.94, dark, gradient=glow)
        for k in range(32):
            turn_of_ray = k * math.tau / 32 + random.uniform(-0.05, 0.05)
            points = [ray(turn_of_ray, 0.35), ray(turn_of_ray, random.uniform(0.75, 0.92))]
            canvas.line(points, bright * random.uniform(0.3, 1.4), 0.03, 0.6)
        pupil = random.uniform(0.32, 0.5)
        if slit:
            canvas.polygon([(0, -0.85), (pupil * 0.45, 0), (0, 0.85), (-pupil * 0.45, 0)], BLACK)
        else:
            canvas.disc(0, 0, pupil, BLACK)
    canvas.ellipse(x - radius * 0.3, y - radius * 0.35, radius * 0.2, radius * 0.17, WHITE, 0.95)
    canvas.ellipse(x + radius * 0.3, y + radius * 0.3, radius * 0.1, radius * 0.08, WHITE, 0.5)


def round_eyes(
    canvas: Canvas, random: Generator, x: float, y: float, radius: float,
    iris: Sequence[Array] | None = None, slit: bool = False,
) -> None:  # fmt: skip
    """A pair of animal eyes of one colour with dark rims, at (-x, y) and (x, y)."""
    iris = natural(random, IRISES, 0.75) if iris is None else iris
    for side in (-1, 1):
        canvas.disc(side * x, y, radius * 1.2, (0.03, 0.02, 0.02))
        eyeball(canvas, random, side * x, y, radius, iris, slit)


def almond_eyes(canvas: Canvas, random: Generator, x: float, y: float, radius: float) -> None:
    """A pair of human eyes with white, and a dark upper lid."""
    iris = natural(random, IRISES, 0.8)
    for side in (-1, 1):
        lid = [(side * x - radius * 1.5, y), (side * x, y - radius), (side * x + radius * 1.5, y)]
        with canvas.clipped([*lid, (side * x, y + radius * 0.9)]):
            canvas.fill((0.95, 0.95, 0.95))
            eyeball(canvas, random, side * x, y, radius * 0.75, iris)
        canvas.line(lid, (0.05, 0.03, 0.03), radius * 0.25)


def short_coat(random: Generator, size: int, centre_y: float = 0.2) -> Array:
    """Hair that grows away from a muzzle, as a factor around 1."""
    x, y = grid(size)
    return 1 + 0.15 * line_integral_convolution(random, size, np.arctan2(y - centre_y, x), 8)


def vane(canvas: Canvas, random: Generator, colours: Sequence[Array], length: float, width: float, barbs: int) -> None:
    """An upright feather: pairs of barbs on a pale shaft."""
    for k in range(barbs):
        along = k / (barbs - 1) * 0.93
        y = length - 2 * length * along
        reach = width * math.sin(math.pi * min(1, along + 0.07) ** 0.7) ** 0.6
        for side in (-1, 1):
            tip = (side * reach * random.uniform(0.88, 1), y - 0.28 * length)
            barb = [(0, y), (side * reach * 0.55, y - 0.12 * length), tip]
            colour = colours[(k * 3 // barbs) % len(colours)] * random.uniform(0.6, 1.3)
            canvas.line(barb, colour, length * 0.05, 0.95)
    canvas.line([(0, length), (0, -length * 0.9)], colours[-1] * 0.5 + 0.4, 0.025)


def chambered_shell(random: Generator, size: int, schemes) -> tuple[Array, Array]:
    """A logarithmic spiral of chambers, seen from the side."""
    x, y = grid(size)
    radius, turn = polar(x * 0.8 + 0.2, y * 0.8 - 0.13)
    growth = random.uniform(0.16, 0.22)
    unrolled = np.log(radius / 0.95) / growth
    spiral = turn + math.tau * np.ceil((unrolled - turn) / math.tau)
    outer = 0.95 * np.exp(growth * spiral)
    inner = outer * math.exp(-growth * math.tau)
    across = np.clip((radius - inner) / (outer - inner + 1e-6), 0, 1)
    alpha = coverage(np.where(spiral <= 0, outer - radius, -1), size)
    chamber = (spiral * random.uniform(8, 18) / math.tau + 0.35 * np.sin(across * math.pi)) % 1
    if happens(random, 0.6):
        septum = 1 - smoothstep(np.minimum(chamber, 1 - chamber), 0.05, 0.12)
    else:
        septum = 0.5 + 0.5 * np.cos(chamber * math.tau)
    wall = np.maximum(1 - smoothstep(np.minimum(across, 1 - across), 0.02, 0.09), septum)
    colours = natural(random, schemes)
    tone = np.clip(across * 0.6 + 0.4 * ((spiral * 0.1) % 1), 0, 1)
    rgb = blend(colour_map(tone, colours[:3]), colours[3], wall)
    height = np.sin(across * math.pi) * 0.6 * np.minimum(radius * 2, 1)
    return relief(random, rgb, height, random.uniform(1.5, 4)), alpha
