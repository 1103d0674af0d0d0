"""Colours as float32 RGB triples in 0...1, palettes (lists of colours) and maps from values to colours."""

import colorsys
from collections.abc import Sequence

import numpy as np
from numpy.random import Generator

from .chance import happens, pick, sign

Array = np.ndarray
Tone = tuple[float, float, float]
"""Hue, saturation and value, each in 0...1."""

EARTHLY: Sequence[Tone] = (
    (0.08, 0.5, 0.6), (0.1, 0.6, 0.8), (0.06, 0.7, 0.45), (0.3, 0.6, 0.5), (0.12, 0.3, 0.9),
    (0.58, 0.5, 0.8), (0, 0, 0.2), (0, 0, 0.95), (0.04, 0.8, 0.8), (0.14, 0.8, 0.95),
    (0.95, 0.6, 0.9), (0.5, 0.7, 0.6), (0.66, 0.7, 0.5),
)  # fmt: skip


def hsv(hue: float, saturation: float, value: float) -> Array:
    saturation, value = min(1, max(0, saturation)), min(1, max(0, value))
    return np.array(colorsys.hsv_to_rgb(hue % 1, saturation, value), np.float32)


def any_colour(random: Generator, darkest: float = 0.15, lightest: float = 1) -> Array:
    """A random colour; about half of them are like earth, plants or sky."""
    if happens(random, 0.45):
        hue, saturation, value = pick(random, EARTHLY)
        value = min(lightest, max(darkest, value + random.uniform(-0.2, 0.15)))
        return hsv(hue + random.uniform(-0.03, 0.03), saturation + random.uniform(-0.15, 0.2), value)
    return hsv(random.random(), random.uniform(0.45, 1), random.uniform(darkest, lightest))


def palette(random: Generator, count: int) -> list[Array]:
    """`count` saturated colours of related hues, spread from dark to bright."""
    hue = random.random()
    step = pick(random, (0.03, 0.08, 0.15, 0.33, 0.5)) * sign(random)
    colours = [
        hsv(hue + step * i + random.uniform(-0.03, 0.03), random.uniform(0.5, 1), random.uniform(0.15, 1))
        for i in range(count)
    ]
    if happens(random, 0.3):
        colours[0] = colours[0] * 0.2
    if happens(random, 0.25):
        colours[-1] = 1 - 0.2 * (1 - colours[-1])
    if count > 1 and happens(random, 0.85):
        colours.sort(key=lambda colour: float(colour.sum()))
        colours[0] = colours[0] * random.uniform(0.2, 0.7)
        colours[-1] = np.clip(colours[-1] * random.uniform(1.1, 1.6) + 0.05, 0, 1)
        if happens(random, 0.5):
            colours.reverse()
    return colours


def natural(random: Generator, schemes: Sequence[Sequence[Tone]], share: float = 0.7) -> list[Array]:
    """With probability `share` one of the schemes, slightly varied; else a random palette with as many colours."""
    scheme = pick(random, schemes)
    if not happens(random, share):
        return palette(random, len(scheme))
    shift, light = random.uniform(-0.02, 0.02), random.uniform(0.88, 1.12)
    return [
        hsv(hue + shift, saturation * random.uniform(0.85, 1.15), value * light) for hue, saturation, value in scheme
    ]


def natural_colour(random: Generator, tones: Sequence[Tone], share: float = 0.7) -> Array:
    """With probability `share` one of the tones, slightly varied; else any bright colour."""
    if not happens(random, share):
        return any_colour(random, 0.4)
    return natural(random, [[tone] for tone in tones], 1)[0]


def colour_map(values: Array, colours: Sequence[Array]) -> Array:
    """Colours for values in 0...1, interpolated between those of the palette."""
    knots = np.linspace(0, 1, len(colours))
    positions = np.linspace(0, 1, 256)
    table = np.stack([np.interp(positions, knots, [c[k] for c in colours]) for k in range(3)], 1)
    return table.astype(np.float32)[np.clip(values * 255, 0, 255).astype(np.uint8)]


def random_map(random: Generator, values: Array, count: int = 4) -> Array:
    """Values in 0...1 coloured with a random palette."""
    return colour_map(values, palette(random, count))


def blend(below: Array, above: Array, amount: Array) -> Array:
    """From `below` (amount 0) to `above` (amount 1), pictures or single colours."""
    return (below + (above - below) * amount[..., None]).astype(np.float32)


def dimmed(picture: Array, factor: Array) -> Array:
    """The picture (or one colour) times a factor per pixel, within 0...1."""
    return np.clip(picture * factor[..., None], 0, 1).astype(np.float32)
