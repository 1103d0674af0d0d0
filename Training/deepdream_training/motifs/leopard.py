"""Broken rosettes on short fur, like a leopard's."""

from ..drawing.colours import blend, dimmed, natural
from ..drawing.fields import fractal_noise, swirling_fur, voronoi, warped_coordinates
from ..drawing.geometry import smoothstep

KIND = "texture"
COLOURS = (
    ((0.1, 0.65, 0.95), (0.07, 0.8, 0.6), (0.07, 0.7, 0.07)),
    ((0.1, 0.15, 0.9), (0.09, 0.25, 0.6), (0, 0, 0.08)),
)


def draw(random, size):
    x, y = warped_coordinates(random, size, 0.3)
    cells = voronoi(random, x, y, random.uniform(2, 4.5), 0.7)
    distance = cells.nearest + 0.18 * (fractal_noise(random, size, 8, 3) - 0.5)
    gaps = smoothstep(fractal_noise(random, size, 9, 2) + 0.25 * cells.identity, 0.3, 0.45)
    rosette = smoothstep(distance, 0.16, 0.2) * smoothstep(-distance, -0.4, -0.34) * gaps
    coat, middle, spot = natural(random, COLOURS)
    rgb = blend(blend(coat, middle, 1 - smoothstep(distance, 0.16, 0.24)), spot, rosette)
    fur = 1 + 0.12 * swirling_fur(random, size)
    return dimmed(rgb, fur * (0.65 + 0.45 * fractal_noise(random, size, 2, 2)))
