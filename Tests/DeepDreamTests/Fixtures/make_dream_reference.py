"""Makes the references of whole dreams, dreams.json and dream_*.ppm, in float64: the recipe in NumPy, the embedded
model's gradient from TensorFlow, resampling from Pillow.

    python make_dream_reference.py

Reads the committed model and the photo of VisionNet's fixtures. Needs tensorflow, keras, numpy, pillow and safetensors
from PyPI.
"""

import json
import os
import pathlib
import sys

os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"

import numpy as np
import tensorflow as tf
from PIL import Image

HERE = pathlib.Path(__file__).resolve().parent
NETWORK = HERE.parents[1] / "VisionNetTests/Fixtures"
MODEL = HERE.parents[2] / "Sources/CEmbeddedModel/inception_v3_rendered.safetensors"
sys.path.insert(0, str(NETWORK))

from inception_network import objective, read

# The section of the photo: rows 40 ... 156, columns 50 ... 180.
TOP, LEFT, HEIGHT, WIDTH = 40, 50, 117, 131

RECIPES = {
    # Plain means, as in the old Flask program.
    "bands": dict(
        layers={"mixed3": 1, "mixed5": 1}, diversity=0, steps=3, step_size=0.02, octaves=2, octave_scale=1.4, jitter=16,
        bands=[0, 2], seed=42, size=None),
    # Octaves without jitter or blurs, and a layer that fades.
    "octaves": dict(
        layers={"mixed4": 0.5, "mixed2": -1}, diversity=0.25, steps=2, step_size=0.05, octaves=3, octave_scale=1.25,
        jitter=0, bands=[0], seed=0, size=None),
    # A blur wider than the picture, shifts longer than it, a seed of all bits.
    "extremes": dict(
        layers={"mixed10": 1}, diversity=0, steps=2, step_size=0.03, octaves=1, octave_scale=1.4, jitter=256,
        bands=[0.7, 64], seed=2**64 - 1, size=None),
    # The photo is made smaller first; the smallest octave is limited to 75 pixels.
    "smaller": dict(
        layers={"mixed5": 1}, diversity=1, steps=1, step_size=0.02, octaves=2, octave_scale=2, jitter=3, bands=[3], seed=7,
        size=100),
    # Colours of natural pictures are favoured, before the bands are made.
    "colors": dict(
        layers={"mixed4": 1}, diversity=0, steps=3, step_size=0.03, octaves=1, octave_scale=1.4, jitter=8, bands=[0, 2],
        color_decorrelation=0.7, seed=3, size=None),
}


class SplitMix64:
    """Steele, Lea and Flood, 2014."""

    def __init__(self, seed):
        self.state = seed

    def next(self):
        mask = 2**64 - 1
        self.state = (self.state + 0x9E3779B97F4A7C15) & mask
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        return z ^ (z >> 31)

    def integer(self, low, high):
        return low + ((self.next() * (high - low + 1)) >> 64)


def resized(picture, height, width):
    """Pillow's bilinear filter, which widens as it shrinks."""
    channels = [Image.fromarray(picture[..., c].astype(np.float32)) for c in range(3)]
    done = [np.asarray(c.resize((width, height), Image.Resampling.BILINEAR)) for c in channels]
    return np.stack(done, axis=-1).astype(np.float64)


def blurred(picture, deviation):
    """A Gaussian to three standard deviations, the picture mirrored without repeating its edge."""
    radius = int(3 * deviation + 0.5)
    weights = np.exp(-np.arange(-radius, radius + 1) ** 2 / (2 * deviation**2))
    weights /= weights.sum()
    for axis in (0, 1):
        margin = [(radius, radius) if a == axis else (0, 0) for a in range(3)]
        padded = np.pad(picture, margin, mode="reflect")
        count = picture.shape[axis]
        picture = sum(w * padded.take(np.arange(i, i + count), axis) for i, w in enumerate(weights))
    return picture


def decorrelated(gradient, strength):
    """Colours multiplied with the covariance of those of ImageNet (`color_correlation_svd_sqrt` of Lucid), mean diagonal 1."""
    root = np.array([[0.26, 0.09, 0.02], [0.27, 0.00, -0.05], [0.27, -0.09, 0.03]])
    covariance = root @ root.T
    covariance /= np.diag(covariance).mean()
    return gradient @ ((1 - strength) * np.eye(3) + strength * covariance).T


def unit(gradient):
    return gradient / (gradient.std() + 1e-8)


def direction(gradient, bands):
    """Divides each band by its deviation, and the sum of several bands by its own."""
    parts = [unit(blurred(gradient, band) if band > 0 else gradient) for band in bands]
    return parts[0] if bands == [0] else unit(sum(parts))


def dream(photo, recipe, gradient_of):
    """The dream, and the objective before each step."""
    random = SplitMix64(recipe["seed"])
    whole = photo.astype(np.float64) / 127.5 - 1
    height, width, _ = whole.shape
    objectives = []
    picture = base = whole
    for octave in reversed(range(recipe["octaves"])):
        scale = recipe["octave_scale"] ** octave
        size = max(75, round(height / scale)), max(75, round(width / scale))
        original = whole if size == (height, width) else resized(whole, *size)
        picture = original if octave == recipe["octaves"] - 1 else resized(picture - base, *size) + original
        base = original
        for _ in range(recipe["steps"]):
            jitter = recipe["jitter"]
            shift = (random.integer(-jitter, jitter), random.integer(-jitter, jitter)) if jitter else (0, 0)
            picture = np.roll(picture, shift, (0, 1))
            value, gradient = gradient_of(tf.constant(picture))
            objectives.append(float(value))
            mixed = decorrelated(gradient.numpy(), recipe.get("color_decorrelation", 0))
            picture = np.clip(picture + recipe["step_size"] * direction(mixed, recipe["bands"]), -1, 1)
            picture = np.roll(picture, (-shift[0], -shift[1]), (0, 1))
    return np.clip(np.round((picture + 1) * 127.5), 0, 255).astype(np.uint8), objectives


def main():
    model = read(MODEL)
    coffee = Image.open(NETWORK / "coffee_225x225.ppm")
    photo = coffee.crop((LEFT, TOP, LEFT + WIDTH, TOP + HEIGHT))
    photo.save(HERE / "dream_photo.ppm")
    references = {}
    for name, recipe in RECIPES.items():
        start = photo
        if recipe["size"]:
            scale = recipe["size"] / max(photo.size)
            start = photo.resize([round(side * scale) for side in photo.size], Image.Resampling.LANCZOS)
        picture, objectives = dream(np.asarray(start), recipe, objective(model, recipe["layers"], recipe["diversity"]))
        Image.fromarray(picture).save(HERE / f"dream_{name}.ppm")
        references[name] = {
            "recipe": {
                "layers": ",".join(f"{layer}:{weight}" for layer, weight in recipe["layers"].items()),
                **{
                    key: str(recipe[key])
                    for key in ("diversity", "steps", "step_size", "octaves", "octave_scale", "jitter", "seed")
                },
                "bands": ",".join(map(str, recipe["bands"])),
                "color_decorrelation": str(recipe.get("color_decorrelation", 0)),
                "size": f"max:{recipe['size']}" if recipe["size"] else "original",
            },
            "objectives": objectives,
        }
        print(name, picture.shape, objectives)
    (HERE / "dreams.json").write_text(json.dumps(references, indent=1) + "\n")


if __name__ == "__main__":
    main()
