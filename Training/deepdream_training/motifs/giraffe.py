"""Large angular patches separated by pale lines."""

from ..drawing.colours import blend, dimmed, natural
from ..drawing.fields import fractal_noise, swirling_fur, voronoi, warped_coordinates
from ..drawing.geometry import smoothstep

KIND = "texture"
COLOURS = (
    ((0.11, 0.3, 0.95), (0.06, 0.75, 0.6)),
    ((0.1, 0.4, 0.9), (0.04, 0.8, 0.4)),
)


def draw(random, size):
    x, y = warped_coordinates(random, size, 0.3)
    cells = voronoi(random, x, y, random.uniform(1.5, 4))
    width = random.uniform(0.05, 0.16)
    border = cells.second - cells.nearest + 0.06 * (fractal_noise(random, size, 8, 2) - 0.5)
    patch = smoothstep(border, width, width + 0.06)
    line, hide = natural(random, COLOURS)
    mottles = 0.75 + 0.4 * cells.identity * patch + 0.3 * (fractal_noise(random, size, 6, 3) - 0.5)
    return dimmed(blend(line, hide, patch), mottles * (1 + 0.08 * swirling_fur(random, size)))
