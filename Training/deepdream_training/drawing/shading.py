"""Light on surfaces: relief from a height field, rounded objects, surface texture."""

import math

import cv2
import numpy as np
from numpy.random import Generator

from .chance import angle
from .colours import dimmed
from .fields import fractal_noise, reaction_diffusion, swirling_fur

Array = np.ndarray


def relief(
    random: Generator, rgb: Array, height: Array, steepness: float | None = None, gloss: float | None = None
) -> Array:
    """The picture as a surface of this height, lit from a random direction."""
    steepness = random.uniform(2, 6) if steepness is None else steepness
    gloss = random.uniform(0, 0.7) if gloss is None else gloss
    direction = angle(random)
    height = np.asarray(height, np.float32)
    slope_x = cv2.Sobel(height, cv2.CV_32F, 1, 0, ksize=3) * steepness
    slope_y = cv2.Sobel(height, cv2.CV_32F, 0, 1, ksize=3) * steepness
    towards = slope_x * math.cos(direction) + slope_y * math.sin(direction)
    light = (0.65 - 0.75 * towards) / np.sqrt(slope_x * slope_x + slope_y * slope_y + 1)
    diffuse = 0.4 + 0.95 * np.clip(light, 0, 1.3)
    highlight = gloss * np.clip(light, 0, 1) ** 12
    return np.clip(rgb * diffuse[..., None] + highlight[..., None], 0, 1).astype(np.float32)


def inflate(
    random: Generator,
    rgb: Array,
    alpha: Array,
    steepness: float | None = None,
    depth: float = 0.25,
    gloss: float | None = None,
) -> Array:
    """Shades a flat shape as if it bulged towards the viewer, up to a distance of `depth` from its edge."""
    size = alpha.shape[0]
    inside = (alpha > 0.5).astype(np.uint8)
    distance = cv2.distanceTransform(inside, cv2.DIST_L2, 3) / size * 2
    outward = 1 - np.clip(distance / depth, 0, 1)
    height = np.sqrt(np.clip(1 - outward * outward, 0, 1)) * depth
    height = cv2.GaussianBlur(height.astype(np.float32), (0, 0), size * 0.012)
    steepness = random.uniform(1, 2.2) if steepness is None else steepness
    gloss = random.uniform(0, 0.4) if gloss is None else gloss
    return relief(random, rgb, height * (size / 40), steepness, gloss)


def skin(random: Generator, rgb: Array, amount: float = 0.35) -> Array:
    """Adds mottles, spots or hairs to a surface; one surface in four stays plain."""
    size = rgb.shape[0]
    sort = random.random()
    if sort < 0.3:
        pattern = fractal_noise(random, size, 4, 4)
    elif sort < 0.5:
        pattern = reaction_diffusion(random, size, random.uniform(6, 16), steps=5) * 0.5 + 0.5
    elif sort < 0.75:
        pattern = np.clip(swirling_fur(random, size) * 0.25 + 0.5, 0, 1)
    else:
        return rgb
    return dimmed(rgb, 1 + amount * (2 * pattern - 1))
