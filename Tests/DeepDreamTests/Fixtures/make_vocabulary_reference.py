"""Makes the references of what recipes say beside octaves and bands, vocabulary.json and vocabulary_*.ppm, in float64.

Gradients, also that of the total variation, come from TensorFlow; Fourier transforms from NumPy, resampling from
Pillow.

    python make_vocabulary_reference.py

Reads the committed model and the photo of VisionNet's fixtures. Needs tensorflow, keras, numpy, pillow and safetensors
from PyPI.
"""

import json
import os
import pathlib
import sys

os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"

import keras
import numpy as np
import tensorflow as tf
from PIL import Image

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "VisionNetTests/Fixtures"))

from dream_algorithm import SplitMix64, blurred, decorrelated, middle, mirrored, octave_sizes, resized

from inception_network import read

HERE = pathlib.Path(__file__).resolve().parent
NETWORK = HERE.parents[1] / "VisionNetTests/Fixtures"
MODEL = HERE.parents[2] / "Sources/CEmbeddedModel/inception_v3_rendered.safetensors"
SMALLEST_SIDE = 75

#: Where the photos are in coffee_225x225.ppm: left, top, width, height.
PHOTO = (60, 50, 96, 84)
LARGE_PHOTO = (50, 40, 131, 117)
GUIDE = (10, 100, 90, 80)

PLAIN = {
    "steps": 2, "step_size": 0.03, "octaves": 1, "octave_scale": 1.4, "octave_sizes": [], "octave_detail": "reinject",
    "jitter": 0, "bands": [0], "laplacian": 0, "normalization": "deviation", "total_variation": 0,
    "photo_distance": 0, "color_decorrelation": 0, "parametrization": "pixels", "detail": "dream", "strength": 1,
    "preserve_color": False, "preserve_brightness": False, "mask_feather": 0, "from": "photo", "size": "original",
    "seed": 0,
}  # fmt: skip

RECIPES = {
    # A pyramid instead of bands, both penalties, and a smaller size that is given; the canvas is larger than it.
    "shaped": {
        "layers": "mixed4", "laplacian": 3, "normalization": "mean_absolute", "octave_sizes": [80], "jitter": 5,
        "total_variation": 0.3, "photo_distance": 0.5,
    },
    # What of the photo stays, and octaves that carry the dream itself.
    "kept": {
        "layers": "mixed3", "normalization": "maximum", "step_size": 0.2, "bands": [0, 2], "octaves": 2,
        "octave_scale": 1.2, "octave_detail": "carry", "strength": 0.7, "preserve_color": True,
        "preserve_brightness": True, "mask_feather": 2,
    },
    # The change of a smaller dream, added to the photo.
    "restored": {"layers": "mixed5", "detail": "restore", "size": "96x86", "preserve_brightness": True},
    # From noise, and along the gradient of frequencies.
    "noise": {
        "layers": "mixed4", "from": "noise", "size": "90x77", "parametrization": "fourier",
        "color_decorrelation": 1, "jitter": 4, "seed": 5,
    },
    # Objectives whose gradient differs from pixel to pixel, beside others.
    "guided": {
        "layers": "mixed4:guide,mixed5[3+17]:0.5,mixed3[40]@0.25x0.75:2,mixed2:-0.5,mixed3:guide:0.1", "jitter": 3,
    },
}  # fmt: skip


class Term:
    """A term of an objective, from its text."""

    def __init__(self, text):
        name, *rest = text.split(":")
        self.is_guided = rest[:1] == ["guide"]
        rest = rest[self.is_guided :]
        self.weight = float(rest[0]) if rest else 1.0
        name, _, position = name.partition("@")
        self.position = [float(part) for part in position.split("x")] if position else None
        self.layer, _, channels = name.partition("[")
        self.channels = [int(part) for part in channels.rstrip("]").split("+")] if channels else None

    def value(self, activations, guide):
        """The weighted value of activations H×W×C, given those of a guide."""
        height, width, count = activations.shape
        if self.is_guided:
            products = tf.reshape(activations, (-1, count)) @ tf.transpose(tf.reshape(guide, (-1, count)))
            return self.weight * tf.reduce_mean(tf.reduce_max(products, 1)) / count
        if self.channels:
            activations = tf.gather(activations, self.channels, axis=2)
        if self.position:
            x, y = self.position
            activations = activations[min(height - 1, int(y * height)), min(width - 1, int(x * width))]
        return self.weight * tf.reduce_mean(activations)


def objective(model, text, guide):
    """A function of a picture that gives the objective and its gradient."""
    terms = [Term(part) for part in text.split(",")]
    part = keras.Model(model.input, {term.layer: model.get_layer(term.layer).output for term in terms})
    features = None if guide is None else part(tf.constant(guide)[None], training=False)

    def value_and_gradient(picture):
        picture = tf.constant(picture)
        with tf.GradientTape() as tape:
            tape.watch(picture)
            outputs = part(picture[None], training=False)
            value = tf.add_n(
                [term.value(outputs[term.layer][0], features and features[term.layer][0]) for term in terms]
            )
        return float(value), tape.gradient(value, picture).numpy()

    return value_and_gradient


def halving(count):
    """The matrix that halves a side with the weights 1 4 6 4 1; beyond its ends a line is zero."""
    matrix = np.zeros(((count + 1) // 2, count + 4))
    for row in range(len(matrix)):
        matrix[row, 2 * row : 2 * row + 5] = np.array([1, 4, 6, 4, 1]) / 16
    return matrix[:, 2:-2]


def unit(values, normalization):
    size = {
        "deviation": np.std,
        "mean_absolute": lambda values: np.abs(values).mean(),
        "maximum": lambda values: np.abs(values).max(),
    }[normalization](values)
    return values / (size + 1e-8)


def pyramid(gradient, levels, normalization):
    """The sum of a Laplacian pyramid's levels, each normalised."""
    if levels == 0 or max(gradient.shape[:2]) == 1:
        return unit(gradient, normalization)
    down, across = halving(gradient.shape[0]), halving(gradient.shape[1])
    coarse = np.einsum("ij,jkc,lk->ilc", down, gradient, across)

    def doubled(picture):
        return np.einsum("ji,jkc,kl->ilc", 2 * down, picture, 2 * across)

    fine = unit(gradient - doubled(coarse), normalization)
    return fine + doubled(pyramid(coarse, levels - 1, normalization))


def spectrum(height, width, power):
    """1/f to a power, at least one cycle along the longer side counting, scaled to 1 there."""
    frequencies = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.fftfreq(width)[None])
    lowest = 1 / max(height, width)
    return (lowest / np.maximum(frequencies, lowest)) ** power


def filtered(picture, power):
    factors = spectrum(*picture.shape[:2], power)[..., None]
    return np.fft.ifft2(np.fft.fft2(picture, axes=(0, 1)) * factors, axes=(0, 1)).real


def direction(gradient, recipe):
    gradient = decorrelated(gradient, recipe["color_decorrelation"])
    if recipe["parametrization"] == "fourier":
        gradient = filtered(gradient, 2)
    normalization, bands = recipe["normalization"], recipe["bands"]
    if recipe["laplacian"] > 0:
        gradient = pyramid(gradient, recipe["laplacian"], normalization)
    elif bands != [0]:
        gradient = sum(unit(blurred(gradient, band) if band else gradient, normalization) for band in bands)
    return unit(gradient, normalization)


def penalty(picture, photo, recipe):
    picture = tf.constant(picture)
    with tf.GradientTape() as tape:
        tape.watch(picture)
        across = tf.pad(picture[:, 1:] - picture[:, :-1], [(0, 0), (0, 1), (0, 0)])
        down = tf.pad(picture[1:] - picture[:-1], [(0, 1), (0, 0), (0, 0)])
        variation = tf.reduce_sum(tf.sqrt(across**2 + down**2 + 0.01**2))
    slope = tape.gradient(variation, picture).numpy()
    return -recipe["total_variation"] * slope - recipe["photo_distance"] * (picture.numpy() - photo)


def noise(height, width, recipe):
    """Grey with frequencies that fall with 1/f, in natural colours."""
    random = SplitMix64(recipe["seed"] ^ 0x6E6F697365)

    def gaussian():
        radius, angle = ((random.next() >> 11) + 1) * 2.0**-53, (random.next() >> 11) * 2.0**-53
        return np.sqrt(-2 * np.log(radius)) * np.cos(2 * np.pi * angle)

    values = np.array([gaussian() for _ in range(3 * height * width)]).reshape(height, width, 3)
    values = decorrelated(filtered(values, 1), 1)
    values *= 0.1 / np.sqrt((values**2).mean())
    return rounded(values)


def rounded(picture):
    return np.clip(np.round((picture + 1) * 127.5), 0, 255).astype(np.uint8)


def sizes(height, width, recipe):
    longer = max(height, width)
    if not recipe["octave_sizes"]:
        return octave_sizes(height, width, recipe, SMALLEST_SIDE)
    chosen = [size for size in recipe["octave_sizes"] if SMALLEST_SIDE <= size < longer]
    return [(round(height * size / longer), round(width * size / longer)) for size in chosen] + [(height, width)]


def octaves(photo, recipe, value_and_gradient):
    """The dream before anything of the photo is put back, and the objective before each step."""
    random, objectives = SplitMix64(recipe["seed"]), []
    whole = photo.astype(np.float64) / 127.5 - 1
    picture = base = None
    for size in sizes(*whole.shape[:2], recipe):
        original = whole if size == whole.shape[:2] else resized(whole, *size)
        if picture is None:
            picture = original
        elif recipe["octave_detail"] == "carry":
            picture = resized(picture, *size)
        else:
            picture = resized(picture - base, *size) + original
        base = original
        picture, photo_there = mirrored(picture, SMALLEST_SIDE), mirrored(original, SMALLEST_SIDE)
        for _ in range(recipe["steps"]):
            jitter = recipe["jitter"]
            shift = (random.integer(-jitter, jitter), random.integer(-jitter, jitter)) if jitter else (0, 0)
            value, gradient = value_and_gradient(np.roll(picture, shift, (0, 1)))
            objectives.append(value)
            step = np.roll(direction(gradient, recipe), (-shift[0], -shift[1]), (0, 1))
            step += penalty(picture, photo_there, recipe)
            picture = np.clip(picture + recipe["step_size"] * step, -1, 1)
        picture = middle(picture, *size)
    return picture, objectives


def reduced(photo, height, width):
    """The photo in another size, computed in floats and rounded once."""
    channels = [Image.fromarray(photo[..., channel].astype(np.float32)) for channel in range(3)]
    done = [np.asarray(channel.resize((width, height), Image.Resampling.LANCZOS)) for channel in channels]
    return np.clip(np.round(np.stack(done, axis=-1)), 0, 255).astype(np.uint8)


def luminance(picture):
    return picture @ np.array([0.299, 0.587, 0.114])


def finished(picture, photo, original, mask, recipe):
    """Puts back what of the photo stays."""
    before = photo.astype(np.float64) / 127.5 - 1
    if recipe["preserve_brightness"]:
        wanted, found = luminance(before), luminance(picture)
        matched = (found - found.mean()) * wanted.std() / found.std() + wanted.mean()
        picture = picture + (matched - found)[..., None]
    if recipe["preserve_color"]:
        picture = before + (luminance(picture) - luminance(before))[..., None]
    change = recipe["strength"] * (picture - before)
    if mask is not None:
        fitted = np.asarray(mask.resize(photo.shape[1::-1], Image.Resampling.BILINEAR)) / 255
        change = change * blurred(luminance(fitted)[..., None], recipe["mask_feather"])
    if recipe["detail"] == "restore":
        before = original.astype(np.float64) / 127.5 - 1
        change = resized(change, *original.shape[:2])
    return rounded(before + change)


def text(value):
    if isinstance(value, list):
        return ",".join(map(str, value)) or "auto"
    return str(value).lower()


def crop(picture, place):
    left, top, width, height = place
    return picture.crop((left, top, left + width, top + height))


def main():
    model = read(MODEL)
    coffee = Image.open(NETWORK / "coffee_225x225.ppm")
    photos = {"photo": crop(coffee, PHOTO), "large_photo": crop(coffee, LARGE_PHOTO), "guide": crop(coffee, GUIDE)}
    # A soft edge and a hard one, of another size and in colours.
    ramp = np.zeros((60, 50, 3), np.uint8)
    ramp[:, 10:40, 1] = np.linspace(0, 255, 30)
    ramp[20:, 40:] = 255
    photos["mask"] = Image.fromarray(ramp)
    for name, picture in photos.items():
        picture.save(HERE / f"vocabulary_{name}.ppm")
    references = {}
    for name, changes in RECIPES.items():
        recipe = PLAIN | changes
        original = np.asarray(photos["large_photo" if recipe["detail"] == "restore" else "photo"])
        photo = original
        if recipe["size"] != "original":
            width, height = map(int, recipe["size"].split("x"))
            photo = noise(height, width, recipe) if recipe["from"] == "noise" else reduced(original, height, width)
        guide = np.asarray(photos["guide"]) / 127.5 - 1 if "guide" in recipe["layers"] else None
        mask = photos["mask"] if recipe["mask_feather"] else None
        picture, objectives = octaves(photo, recipe, objective(model, recipe["layers"], guide))
        picture = finished(picture, photo, original, mask, recipe)
        Image.fromarray(picture).save(HERE / f"vocabulary_{name}.ppm")
        references[name] = {"recipe": {key: text(value) for key, value in recipe.items()}, "objectives": objectives}
        print(name, picture.shape, objectives)
    (HERE / "vocabulary.json").write_text(json.dumps(references, indent=1) + "\n")


if __name__ == "__main__":
    main()
