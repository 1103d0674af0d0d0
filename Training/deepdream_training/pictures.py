"""The pictures that dreams are judged on: photos, clouds, gradients, noise and rendered scenes."""

import pathlib

import cv2
import numpy as np

from . import scenes

PHOTOS = pathlib.Path(__file__).resolve().parents[2] / "Tests/ImagingTests/Fixtures/photo"


def photo(name: str, longer: int = 400) -> np.ndarray:
    """One of the tests' photos, H×W×3, scaled down."""
    (path,) = PHOTOS.glob(f"{name}.*")
    picture = cv2.imread(str(path))[..., ::-1]
    scale = longer / max(picture.shape[:2])
    return np.ascontiguousarray(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))


def fractal(random: np.random.Generator, height: int, width: int, roughness: float = 1.8) -> np.ndarray:
    """Fractal noise, height×width in [0, 1]."""
    total = np.zeros((height, width), np.float32)
    for level in range(1, 8):
        grid = random.random((2**level + 2, 2**level + 2)).astype(np.float32)
        total += cv2.resize(grid, (width, height), interpolation=cv2.INTER_CUBIC) / roughness**level
    return (total - total.min()) / np.ptp(total)


def clouds(seed: int = 3, height: int = 300, width: int = 400) -> np.ndarray:
    share = fractal(np.random.default_rng(seed), height, width)[..., None]
    return np.uint8((1 - share) * [90, 140, 210] + share * [250, 248, 240])


def landscape(seed: int = 4, height: int = 300, width: int = 400) -> np.ndarray:
    """A sky over hills of fractal noise."""
    random = np.random.default_rng(seed)
    rows = np.linspace(0, 1, height)[:, None, None]
    picture = (1 - rows) * [120, 160, 220] + rows * [245, 215, 180] + np.zeros((height, width, 1))
    for layer, colour in enumerate(([110, 125, 150], [80, 110, 90], [60, 80, 45])):
        line = height * (0.4 + 0.17 * layer) + 90 * (fractal(random, 8, width, 1.7)[4] - 0.5)
        ground = np.arange(height)[:, None] > line[None]
        picture[ground] = (np.array(colour) * (0.7 + 0.6 * fractal(random, height, width, 1.4)[..., None]))[ground]
    return np.uint8(picture.clip(0, 255))


def gradient(first: tuple, second: tuple, height: int = 300, width: int = 400) -> np.ndarray:
    """A diagonal gradient from one colour to another."""
    rows, columns = np.mgrid[0:height, 0:width]
    share = ((rows / height + columns / width) / 2)[..., None]
    return np.uint8((1 - share) * first + share * second)


def noise(seed: int = 0, height: int = 300, width: int = 400) -> np.ndarray:
    values = 128 + 20 * np.random.default_rng(seed).standard_normal((height, width, 3))
    return np.uint8(values.clip(0, 255))


def rendered(motif: str, seed: int, height: int = 300, width: int = 400) -> np.ndarray:
    """A scene of the renderer, enlarged and cut to size."""
    scene = scenes.render_scene(scenes.motif_names().index(motif), seed, 256).picture
    return cv2.resize(scene, (width, width), interpolation=cv2.INTER_CUBIC)[:height]


def judged() -> dict[str, np.ndarray]:
    """The twelve pictures that dreams are compared on. The seeds of the rendered ones differ from all in the pool."""
    return {
        "coffee": photo("coffee"),
        "chelsea": photo("chelsea"),
        "astronaut": photo("astronaut"),
        "clouds": clouds(),
        "landscape": landscape(),
        "dusk": gradient((40, 60, 130), (235, 170, 110)),
        "pale": gradient((225, 225, 215), (150, 180, 175)),
        "noise": noise(),
        **{f"scene-{motif}": rendered(motif, 900_000_000 + index) for index, motif in enumerate(scene_motifs())},
    }


#: Motifs of the four rendered pictures among the twelve.
SCENES = ("castle", "rose", "waves", "pebbles")


def scene_motifs() -> list[str]:
    """The motifs of `SCENES`; motifs that do not exist are replaced by the first ones that do."""
    names = scenes.motif_names()
    others = (name for name in names if name not in SCENES)
    return [motif if motif in names else next(others) for motif in SCENES]
