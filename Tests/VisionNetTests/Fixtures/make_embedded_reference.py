"""Makes the references of the embedded model, embedded_reference.json, from TensorFlow in float64.

    python make_embedded_reference.py

Reads the committed model file. Needs tensorflow, keras, numpy and safetensors from PyPI.
"""

import json
import os
import pathlib

os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"

import keras
import numpy as np
import tensorflow as tf

from inception_network import objective, read

HERE = pathlib.Path(__file__).resolve().parent
MODEL = HERE.parents[2] / "Sources/CEmbeddedModel/inception_v3_rendered.safetensors"
# The last term prevents the picture from repeating along (2, -1): repeated patches would be ties in max pools.
FORMULA = "x[h,w,c] = sin(0.1 h + 0.2 w + c + 0.001 h w), H=131, W=160, float64"
HEIGHT, WIDTH = 131, 160
PLACES = ((0, 0), (40, 50), (130, 159))
# Layers, channels (or None for all), diversity and selectivity of each objective.
OBJECTIVES = (
    (("mixed3", "mixed5"), None, 0, 0),
    (("mixed3", "mixed5"), None, 0.5, 0),
    (("mixed3", "mixed5"), None, 1, 0),
    (("mixed5",), (2, 32, 254), 0, 0.5),
    (("mixed5",), (2, 32, 254), 0.5, 1),
)


def main():
    model = read(MODEL)
    h, w, c = np.meshgrid(np.arange(HEIGHT), np.arange(WIDTH), np.arange(3), indexing="ij")
    picture = tf.constant(np.sin(0.1 * h + 0.2 * w + c + 0.001 * h * w))
    names = [f"mixed{number}" for number in range(11)]
    outputs = keras.Model(model.input, [model.get_layer(name).output for name in names])(picture[None])
    layers = {}
    for name, output in zip(names, outputs):
        values = output.numpy()[0]
        height, width, _ = values.shape
        layers[name] = {
            "shape_hwc": list(values.shape),
            "mean": float(values.mean()),
            "std": float(values.std()),
            "first8_at_0_0": values[0, 0, :8].tolist(),
            "center8": values[height // 2, width // 2, :8].tolist(),
        }
    objectives = []
    for layers_of_objective, channels, diversity, selectivity in OBJECTIVES:
        weights = dict.fromkeys(layers_of_objective, 1.0)
        value, gradient = objective(model, weights, diversity, channels, selectivity)(picture)
        gradient = gradient.numpy()
        objectives.append({
            "layers": layers_of_objective,
            "channels": channels,
            "diversity": diversity,
            "selectivity": selectivity,
            "value": float(value),
            "gradient_norm": float(np.linalg.norm(gradient)),
            "gradient_std": float(gradient.std()),
            "pixels": [{"row": row, "column": column, "gradient": gradient[row, column].tolist()} for row, column in PLACES],
        })
    reference = {"input": FORMULA, "layers": layers, "objectives": objectives}
    (HERE / "embedded_reference.json").write_text(json.dumps(reference, indent=1) + "\n")


if __name__ == "__main__":
    main()
