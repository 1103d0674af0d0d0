"""Clouds in a sky."""

from ..drawing.colours import colour_map, natural
from ..drawing.fields import fractal_noise
from ..drawing.geometry import smoothstep
from ..drawing.shading import relief

KIND = "texture"
COLOURS = (
    ((0.6, 0.75, 0.7), (0.58, 0.35, 0.85), (0.1, 0.02, 1)),
    ((0.65, 0.6, 0.4), (0.95, 0.45, 0.8), (0.08, 0.5, 1)),
    ((0.62, 0.5, 0.2), (0.6, 0.25, 0.5), (0.6, 0.05, 0.85)),
)


def draw(random, size):
    billows = fractal_noise(random, size, random.uniform(2, 4), 6, 0.55)
    cover = smoothstep(billows, random.uniform(0.2, 0.4), random.uniform(0.6, 0.9))
    return relief(random, colour_map(cover, natural(random, COLOURS, 0.8)), cover, random.uniform(1, 3), 0)
