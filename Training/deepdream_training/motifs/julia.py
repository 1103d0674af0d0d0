"""A Julia set, coloured by escape time outside and by an orbit trap inside."""

import cv2
import numpy as np

from ..drawing.chance import angle, happens, pick
from ..drawing.colours import random_map
from ..drawing.fields import warped_coordinates
from ..drawing.shading import relief

KIND = "texture"
CONSTANTS = (-0.8 + 0.156j, -0.4 + 0.6j, 0.285 + 0.01j, -0.70176 - 0.3842j, 0.355 + 0.355j, -0.54 + 0.54j)


def draw(random, size):
    x, y = warped_coordinates(random, size, 0, scale=(0.5, 1.3))
    constant = 0.7885 * np.exp(1j * angle(random)) if happens(random, 0.6) else pick(random, CONSTANTS)
    tone = cv2.GaussianBlur(_tone((x + 1j * y).astype(np.complex64), np.complex64(constant)), (0, 0), 0.6)
    return relief(random, random_map(random, tone, 5), tone, random.uniform(0, 2))


def _tone(z, constant, steps=40):
    steps_taken = np.zeros(z.shape, np.float32)
    closest = np.full(z.shape, 9, np.float32)
    bounded = np.ones(z.shape, bool)
    for _ in range(steps):
        z = np.where(bounded, z * z + constant, z)
        modulus = np.abs(z)
        closest = np.where(bounded, np.minimum(closest, np.abs(modulus - 0.5)), closest)
        bounded &= modulus < 4
        steps_taken += bounded
    return np.where(bounded, np.clip(closest * 1.5, 0, 1), (steps_taken / 14) % 1).astype(np.float32)
