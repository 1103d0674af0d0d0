"""A starfish with warts."""

import numpy as np

from ..drawing.chance import pick
from ..drawing.colours import blend, colour_map, natural, natural_colour
from ..drawing.fields import fractal_noise, voronoi
from ..drawing.geometry import coverage, grid, polar, smoothstep
from ..drawing.shading import inflate, relief

KIND = "object"
LARGE = True
COLOURS = (
    ((0.02, 0.9, 0.5), (0.04, 0.9, 0.9), (0.08, 0.75, 1)),
    ((0.6, 0.8, 0.4), (0.57, 0.75, 0.75), (0.52, 0.5, 0.95)),
    ((0.83, 0.7, 0.4), (0.87, 0.6, 0.75), (0.95, 0.45, 1)),
)
WARTS = ((0.1, 0.4, 1), (0.03, 0.8, 0.6))


def draw(random, size):
    x, y = grid(size)
    radius, turn = polar(x, y)
    bent = turn + 0.3 * random.uniform(-1, 1) * radius
    arms = np.cos(pick(random, (5, 5, 5, 6, 8)) * bent)
    inside = 0.55 + 0.34 * arms * random.uniform(0.8, 1) + 0.06 * arms * arms - radius
    tone = np.clip(inside * 1.5 + 0.2 * (fractal_noise(random, size, 8, 3) - 0.5), 0, 1)
    warts = 1 - smoothstep(voronoi(random, x, y, random.uniform(7, 11)).nearest, 0.2, 0.35)
    rgb = colour_map(tone, natural(random, COLOURS))
    rgb = blend(rgb, natural_colour(random, WARTS), warts * 0.8)
    alpha = coverage(inside, size)
    return inflate(random, relief(random, rgb, warts * 0.5, 1.5), alpha, 1.2, 0.4), alpha
