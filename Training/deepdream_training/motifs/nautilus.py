"""A nautilus or ammonite: a chambered spiral shell."""

from ..drawing.anatomy import chambered_shell

KIND = "object"
COLOURS = (
    ((0.05, 0.75, 0.6), (0.08, 0.5, 0.9), (0.1, 0.2, 1), (0.05, 0.8, 0.35)),
    ((0.09, 0.5, 0.5), (0.1, 0.45, 0.75), (0.11, 0.3, 0.9), (0.08, 0.6, 0.25)),
    ((0.55, 0.6, 0.5), (0.5, 0.4, 0.8), (0.9, 0.25, 0.95), (0.1, 0.2, 1)),
)


def draw(random, size):
    return chambered_shell(random, size, COLOURS)
