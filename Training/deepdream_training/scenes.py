"""Scenes: pictures with one main motif, or several, and the motif that each pixel shows."""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator

from .drawing.chance import angle, happens, pick, sign, whole
from .drawing.colours import any_colour, random_map
from .drawing.fields import fractal_noise, voronoi, warped_coordinates
from .drawing.geometry import coverage, grid, polar
from .drawing.shading import inflate
from .motifs import motif_names, motifs

__all__ = ["BACKGROUND", "Scene", "check_motifs", "motif_names", "render_scene"]

BACKGROUND = 255
"""The label of pixels that show no motif."""

MOST_TOGETHER = 5
"""How many motifs a scene shows at most, backgrounds aside."""

Array = np.ndarray


@dataclass
class Scene:
    picture: Array
    """uint8, height × width × 3, RGB."""
    labels: Array
    """uint8, height × width: the motif's index, or `BACKGROUND`."""


def check_motifs() -> None:
    """Refuses too few motifs, or motifs without the textures that backgrounds need."""
    count, textures = len(motifs()), len(_texture_indices())
    if count < MOST_TOGETHER or textures == 0:
        raise ValueError(
            f"scenes need at least {MOST_TOGETHER} motifs and one texture among them; "
            f"deepdream_training/motifs has {count}, of which {textures} are textures"
        )


def render_scene(motif: int, seed: int, size: int) -> Scene:
    """A scene whose main motif is `motif`; the same arguments give the same scene."""
    check_motifs()
    random = np.random.default_rng([motif, seed, size])
    if happens(random, 1 / 3):
        painting = _mixed(random, motif, size)
    elif _is_texture(motif):
        painting = _texture_scene(random, motif, size)
    else:
        painting = _object_scene(random, motif, size)
    picture = _photographed(random, painting.rgb)
    return Scene((picture * 255 + 0.5).astype(np.uint8), painting.labels)


# Painting


class _Painting:
    """A picture being painted. Everything that is added also sets its labels."""

    def __init__(self, rgb: Array, motif: int = BACKGROUND) -> None:
        self.rgb = rgb
        self.size = rgb.shape[0]
        self.labels = np.full((self.size, self.size), motif, np.uint8)

    def cover(self, rgb: Array, alpha: Array, motif: int) -> None:
        self.rgb = self.rgb + (rgb - self.rgb) * alpha[..., None]
        self.labels[alpha > 0.5] = motif

    def place(self, motif: int, drawing: tuple[Array, Array], matrix: Array, shadow: float) -> None:
        """Puts a drawing on the picture through an affine map, with a soft shadow under it."""
        rgb, alpha = drawing
        layers = np.dstack([rgb * alpha[..., None], alpha]).astype(np.float32)
        layers = cv2.warpAffine(layers, matrix, (self.size, self.size), flags=cv2.INTER_LINEAR)
        alpha = layers[..., 3]
        if shadow > 0:
            blurred = cv2.GaussianBlur(alpha, (0, 0), self.size * 0.02)
            shift = np.float32([[1, 0, self.size * 0.02], [0, 1, self.size * 0.03]])
            shade = cv2.warpAffine(blurred, shift, (self.size, self.size))
            self.rgb = self.rgb * (1 - shadow * shade)[..., None]
        self.rgb = self.rgb * (1 - alpha[..., None]) + layers[..., :3]
        self.labels[alpha > 0.5] = motif


def _is_texture(motif: int) -> bool:
    return motifs()[motif].KIND == "texture"


def _texture_indices() -> list[int]:
    return [index for index in range(len(motifs())) if _is_texture(index)]


def _draw(random: Generator, motif: int, size: int):
    return motifs()[motif].draw(random, size)


def _placement(
    drawn: int, size: int, scale: float, turn: float, x: float, y: float, flip=False, slimness: float = 1
) -> Array:
    """The affine map that puts a drawing of `drawn` pixels around (x, y), as fractions of the picture."""
    zoom = scale * size / drawn
    cosine, sine = math.cos(turn) * zoom, math.sin(turn) * zoom
    across = -slimness if flip else slimness
    matrix = np.array([[cosine * across, -sine], [sine * across, cosine]])
    shift = np.array([x, y]) * size - matrix @ np.array([drawn / 2, drawn / 2])
    return np.column_stack([matrix, shift])


def _turn(random: Generator, motif: int) -> float:
    upright = getattr(motifs()[motif], "UPRIGHT", False)
    return random.uniform(-0.3, 0.3) if happens(random, 0.85 if upright else 0.45) else angle(random)


def _scale(random: Generator, motif: int) -> float:
    large = getattr(motifs()[motif], "LARGE", False)
    return random.uniform(0.9, 1.4) if large else random.uniform(0.7, 1.25)


def _shadow(random: Generator) -> float:
    return random.uniform(0, 0.8) if happens(random, 0.7) else 0


def _blob(random: Generator, size: int) -> Array:
    """The alpha of a rounded, irregular shape."""
    radius, turn = polar(*grid(size))
    outline = np.full_like(radius, 0.8)
    for wave in range(1, 6):
        outline += random.uniform(-0.12, 0.12) * np.cos(wave * turn + random.uniform(0, 6))
    return coverage(outline - radius, size)


# Backgrounds


def _background(random: Generator, size: int) -> _Painting:
    """Noise, gradients, blurred shapes, plain colours, or a texture motif."""
    sort = random.random()
    if sort < 0.3:
        noise = fractal_noise(random, size, whole(random, 2, 4), whole(random, 1, 5))
        return _Painting(random_map(random, noise, whole(random, 2, 5)))
    if sort < 0.45:
        x, _ = warped_coordinates(random, size)
        return _Painting(random_map(random, np.clip(x * 0.4 + 0.5, 0, 1), whole(random, 2, 3)))
    if sort < 0.58:
        x, y = warped_coordinates(random, size, 0.3)
        cells = voronoi(random, x, y, random.uniform(1, 6)).identity
        return _Painting(cv2.GaussianBlur(random_map(random, cells, 5), (0, 0), random.uniform(0.5, 6)))
    if sort < 0.64:
        static = random.random((size, size, 3), dtype=np.float32) * random.uniform(0.5, 1)
        static = np.clip(static + any_colour(random) * 0.3, 0, 1)
        return _Painting(cv2.GaussianBlur(static, (0, 0), random.uniform(1, 3)))
    if sort < 0.74:
        return _Painting(np.full((size, size, 3), any_colour(random, 0), np.float32))
    texture = pick(random, _texture_indices())
    rgb = _draw(random, texture, size)
    if happens(random, 0.4):
        blurred = cv2.GaussianBlur(rgb, (0, 0), random.uniform(3, 7))
        return _Painting(blurred * random.uniform(0.3, 1))
    return _Painting(rgb * random.uniform(0.4, 0.95), texture)


# Scenes of one motif


def _texture_scene(random: Generator, motif: int, size: int) -> _Painting:
    """The texture everywhere, or on a rounded shape."""
    rgb = _draw(random, motif, size)
    if happens(random, 0.65):
        shade = 1 - random.uniform(0, 0.5) * fractal_noise(random, size, 2, 1)
        return _Painting(rgb * shade[..., None], motif)
    painting = _background(random, size)
    _place_blob(random, painting, motif, rgb, random.uniform(0.7, 1.2), (0.35, 0.65))
    return painting


def _place_blob(random: Generator, painting: _Painting, motif: int, rgb: Array, scale: float, where) -> None:
    """A rounded, bulging shape of the texture, around a position between the two fractions of `where`."""
    size = rgb.shape[0]
    alpha = _blob(random, size)
    rgb = inflate(random, rgb, alpha, 1.2, random.uniform(0.3, 0.9))
    x, y = random.uniform(*where), random.uniform(*where)
    matrix = _placement(size, painting.size, scale, angle(random), x, y)
    painting.place(motif, (rgb, alpha), matrix, random.uniform(0, 0.7))


def _object_scene(random: Generator, motif: int, size: int) -> _Painting:
    """One large object, several, or a tiling of them."""
    painting = _background(random, size)
    sort = random.random()
    if sort < 0.65:
        _single(random, painting, motif)
    elif sort < 0.85:
        _several(random, painting, motif)
    else:
        _tiling(random, painting, motif)
    return painting


def _single(random: Generator, painting: _Painting, motif: int) -> None:
    size = painting.size
    x, y = random.uniform(0.4, 0.6), random.uniform(0.4, 0.6)
    scale, turn = _scale(random, motif), _turn(random, motif)
    slimness = random.uniform(0.8, 1)
    matrix = _placement(size, size, scale, turn, x, y, happens(random, 0.5), slimness)
    painting.place(motif, _draw(random, motif, size), matrix, _shadow(random))


def _several(random: Generator, painting: _Painting, motif: int) -> None:
    drawn = int(painting.size * 0.6)
    drawings = [_draw(random, motif, drawn) for _ in range(whole(random, 1, 2))]
    shadow = _shadow(random)
    for _ in range(whole(random, 2, 6)):
        scale, turn = random.uniform(0.35, 0.65), _turn(random, motif)
        x, y = random.uniform(0.1, 0.9), random.uniform(0.1, 0.9)
        matrix = _placement(drawn, painting.size, scale, turn, x, y, happens(random, 0.5))
        painting.place(motif, pick(random, drawings), matrix, shadow)


def _tiling(random: Generator, painting: _Painting, motif: int) -> None:
    drawn = int(painting.size * 0.45)
    drawings = [_draw(random, motif, drawn) for _ in range(2)]
    shadow, turn = _shadow(random), _turn(random, motif)
    count = whole(random, 2, 3)
    for row in range(count + 1):
        for column in range(count + 1):
            x, y = (column + 0.5 * (row % 2)) / count, row / count
            scale = random.uniform(0.85, 1.1) / count
            matrix = _placement(drawn, painting.size, scale, turn + random.uniform(-0.1, 0.1), x, y)
            painting.place(motif, drawings[(row + column) % 2], matrix, shadow)


# Scenes of several motifs


def _mixed(random: Generator, main: int, size: int) -> _Painting:
    """Two to five different motifs: textures side by side, with objects and rounded shapes on them."""
    others = [index for index in range(len(motifs())) if index != main]
    chosen = [int(index) for index in random.choice(others, whole(random, 1, MOST_TOGETHER - 1), replace=False)]
    chosen.insert(whole(random, 0, len(chosen)), main)
    textures = [index for index in chosen if _is_texture(index)]
    if len(textures) > 1 and happens(random, 0.8):
        painting = _side_by_side(random, textures, size)
        chosen = [index for index in chosen if index not in textures]
    else:
        painting = _background(random, size)
    places = _scattered_places(random, len(chosen))
    scale = {1: 0.8, 2: 0.62}.get(len(chosen), 0.52)
    for motif, (x, y) in zip(chosen, places, strict=True):
        _put(random, painting, motif, scale * random.uniform(0.85, 1.25), x, y)
    return painting


def _side_by_side(random: Generator, textures: list[int], size: int) -> _Painting:
    """Textures separated by wavy lines."""
    painting = _Painting(_draw(random, textures[0], size), textures[0])
    x, y = grid(size)
    for position, motif in enumerate(textures[1:], 1):
        turn = angle(random)
        waver = 0.5 * (fractal_noise(random, size, 2, 3) - 0.5)
        beyond = random.uniform(0, 0.2) + 0.15 * (position - 1)
        border = x * math.cos(turn) + y * math.sin(turn) + waver - beyond
        softness = size * random.uniform(0.03, 0.5)
        alpha = np.clip(border * softness + 0.5, 0, 1).astype(np.float32)
        painting.cover(_draw(random, motif, size), alpha, motif)
    return painting


def _scattered_places(random: Generator, count: int) -> list[tuple[float, float]]:
    """Positions spread around the picture's centre, in random order."""
    if count == 1:
        return [(random.uniform(0.35, 0.65), random.uniform(0.35, 0.65))]
    start, radius = angle(random), random.uniform(0.24, 0.34)
    turns = [start + index * math.tau / count + random.uniform(-0.3, 0.3) for index in range(count)]
    places = [(0.5 + radius * math.cos(turn), 0.5 + radius * math.sin(turn)) for turn in turns]
    return [places[index] for index in random.permutation(count)]


def _put(random: Generator, painting: _Painting, motif: int, scale: float, x: float, y: float) -> None:
    """One object, or one rounded shape of a texture, around (x, y)."""
    drawn = int(painting.size * 0.75)
    if _is_texture(motif):
        rgb = _draw(random, motif, drawn)
        alpha = _blob(random, drawn)
        drawing = inflate(random, rgb, alpha, 1.2, random.uniform(0.3, 0.9)), alpha
        scale *= 1.1
    else:
        drawing = _draw(random, motif, drawn)
    matrix = _placement(drawn, painting.size, scale, _turn(random, motif), x, y, sign(random) > 0)
    painting.place(motif, drawing, matrix, _shadow(random))


# The camera


def _photographed(random: Generator, rgb: Array) -> Array:
    """The picture as a camera might show it: sometimes slightly blurred, with another exposure, or with mild noise."""
    size = rgb.shape[0]
    rgb = np.asarray(rgb, np.float32)
    if happens(random, 0.25):
        rgb = cv2.GaussianBlur(rgb, (0, 0), random.uniform(0.4, 1.2))
    rgb = np.clip(rgb, 0, 1)
    if happens(random, 0.5):
        rgb = rgb ** random.uniform(0.7, 1.4)
    if happens(random, 0.3):
        rgb = rgb + random.standard_normal((size, size, 1), dtype=np.float32) * random.uniform(0.005, 0.03)
    return np.clip(rgb, 0, 1)
