"""Makes the references of whole dreams, dreams.json and dream_*.ppm, in float64.

The recipe is computed with NumPy, the embedded model's gradient with TensorFlow, and resampling with Pillow.

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

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "VisionNetTests/Fixtures"))

from dream_algorithm import described, dream

from inception_network import objective, read

HERE = pathlib.Path(__file__).resolve().parent
NETWORK = HERE.parents[1] / "VisionNetTests/Fixtures"
MODEL = HERE.parents[2] / "Sources/CEmbeddedModel/inception_v3_rendered.safetensors"
# The part of the photo that is used: rows 40 ... 156, columns 50 ... 180.
TOP, LEFT, HEIGHT, WIDTH = 40, 50, 117, 131

RECIPES = {
    # Plain means, as in the old program.
    "bands": {
        "layers": {"mixed3": 1, "mixed5": 1},
        "diversity": 0,
        "steps": 3,
        "step_size": 0.02,
        "octaves": 2,
        "octave_scale": 1.4,
        "jitter": 16,
        "bands": [0, 2],
        "seed": 42,
        "size": None,
    },
    # Only the detail from the octaves, and a layer that is minimised.
    "octaves": {
        "layers": {"mixed4": 0.5, "mixed2": -1},
        "diversity": 0.25,
        "steps": 2,
        "step_size": 0.05,
        "octaves": 3,
        "octave_scale": 1.25,
        "jitter": 0,
        "bands": [0],
        "seed": 0,
        "size": None,
    },
    # A blur wider than the picture, shifts longer than the picture, and the largest seed.
    "extremes": {
        "layers": {"mixed10": 1},
        "diversity": 0,
        "steps": 2,
        "step_size": 0.03,
        "octaves": 1,
        "octave_scale": 1.4,
        "jitter": 256,
        "bands": [0.7, 64],
        "seed": 2**64 - 1,
        "size": None,
    },
    # The photo is reduced first; of three octaves, the smallest is skipped and the next one mirrored.
    "smaller": {
        "layers": {"mixed5": 1},
        "diversity": 1,
        "steps": 1,
        "step_size": 0.02,
        "octaves": 3,
        "octave_scale": 1.25,
        "jitter": 3,
        "bands": [3],
        "seed": 7,
        "size": 100,
    },
    # Favours the colours of natural pictures, before the bands are computed.
    "colors": {
        "layers": {"mixed4": 1},
        "diversity": 0,
        "steps": 3,
        "step_size": 0.03,
        "octaves": 1,
        "octave_scale": 1.4,
        "jitter": 8,
        "bands": [0, 2],
        "color_decorrelation": 0.7,
        "seed": 3,
        "size": None,
    },
}


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
        loss_and_gradient = objective(model, recipe["layers"], recipe["diversity"])

        def gradient_of(picture, loss_and_gradient=loss_and_gradient):
            value, gradient = loss_and_gradient(tf.constant(picture))
            return value, gradient.numpy()

        picture, objectives = dream(np.asarray(start), recipe, gradient_of)
        Image.fromarray(picture).save(HERE / f"dream_{name}.ppm")
        references[name] = described(recipe, objectives)
        print(name, picture.shape, objectives)
    (HERE / "dreams.json").write_text(json.dumps(references, indent=1) + "\n")


if __name__ == "__main__":
    main()
