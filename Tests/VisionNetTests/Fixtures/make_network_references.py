"""Makes the references of the other networks, with generated weights, from PyTorch in float64 and float32.

    python make_network_references.py [NETWORK ...]

Needs torch, torchvision, numpy, pillow, safetensors and efficientnet-lite-pytorch from PyPI. README.md says what is in
the files; `CenteredWeights.swift` defines the same weights in Swift.
"""

import contextlib
import functools
import pathlib
import sys

import numpy as np
import torch

from efficientnet_network import LITE1, LITE2, Lite0, check_size, convolutions, renamed
from make_efficientnet_reference import places, reference, write
from make_inception_reference import formula_picture, network_input, pixels
from torchvision_networks import OBJECTIVES, TorchvisionNetwork, centred_kernel, vectors

HERE = pathlib.Path(__file__).resolve().parent
# Odd sides, so that the zeros around the picture are not the same on both sides, and pools have something left over.
HEIGHT, WIDTH = 97, 131
VALUES_OF_LAYER = 24
SHIFTS = 8
# Dreams of random networks are chaotic: after five such steps, most of float32's pixels differ from float64's.
STEPS, STEP_SIZE = 2, 0.02
SHIFTS_OF_DREAM = 4
VALUES_OF_DREAM = 2048
LITES = {"efficientnet_lite1": (LITE1, 240), "efficientnet_lite2": (LITE2, 260)}


class Lite(Lite0):
    """EfficientNet-Lite1 or 2 with generated weights; see `TorchvisionNetwork`."""

    def __init__(self, network, variances, dtype):
        self.stages, self.terms, self.variances = LITES[network][0], OBJECTIVES[network], variances
        weights = {}
        for name, shape in convolutions(self.stages):
            weights |= self.tensors(name, shape, variances.get(name, 1))
        super().__init__(weights, dtype)
        self.is_calibrated = bool(variances)

    @staticmethod
    def tensors(name, shape, variance):
        isolated = name == "logits"
        values = vectors(name, shape[3], variance)
        kept = ("bias",) if isolated else ("gamma", "beta", "moving_mean", "moving_variance")
        return {
            f"{name}.kernel": centred_kernel(name, shape, variance if isolated else 1),
            **{f"{name}.{part}": values[part] for part in kept},
        }

    def normalize(self, name, values):
        if not self.is_calibrated:
            self.variances[name] = float(f"{float(values.var(correction=0)):.4g}")
            shape = dict(convolutions(self.stages))[name]
            for part, value in self.tensors(name, shape, self.variances[name]).items():
                self.weights[part] = torch.from_numpy(value).to(self.dtype)
        return super().normalize(name, values)

    def calibrate(self, picture):
        self.activations(picture)
        self.variances["logits"] = 1.0
        self.is_calibrated = True


def dream(network, picture):
    """The picture after steps of plain gradient ascent."""
    picture = picture.astype(np.float64 if network.dtype == torch.float64 else np.float32)
    for _ in range(STEPS):
        _, gradient = network.objective(picture)
        gradient = gradient.astype(picture.dtype)
        picture = np.clip(picture + picture.dtype.type(STEP_SIZE) * gradient / (gradient.std() + 1e-8), -1, 1)
    return pixels(picture)


def described_dream(network, name, picture):
    """A dream in float64, and how many of its 8-bit values PyTorch's float32 has otherwise."""
    truth, single = network(torch.float64), network(torch.float32)
    result = dream(truth, picture)
    different = []
    for shift in [(7 * k, 11 * k) for k in range(SHIFTS_OF_DREAM)]:
        shifted = np.roll(picture, shift, (0, 1))
        expected = dream(truth, shifted)
        for way in (contextlib.nullcontext, lambda: torch.backends.mkldnn.flags(enabled=False)):
            with way():
                different.append(float((dream(single, shifted) != expected).mean()))
    terms = ",".join(f"{layer}{':l2' if squared else ''}:{weight:g}" for layer, weight, squared in OBJECTIVES[name])
    return {
        "recipe": f"layers={terms}&steps={STEPS}&step_size={STEP_SIZE}",
        "float32_different": max(different),
        "values": result.reshape(-1)[places("dream", VALUES_OF_DREAM, result.size)].tolist(),
    }


def make(name):
    kind = Lite if name in LITES else TorchvisionNetwork
    picture = network_input(formula_picture(HEIGHT, WIDTH))
    variances = {}
    kind(name, variances, torch.float64).calibrate(picture.astype(np.float64))
    network = functools.partial(kind, name, variances)
    described = reference(network, picture, SHIFTS, VALUES_OF_LAYER)
    described["variances"] = variances
    described["terms"] = [
        {"layer": layer, "weight": weight, "squared": squared} for layer, weight, squared in OBJECTIVES[name]
    ]
    described["dream"] = described_dream(network, name, picture)
    write(HERE / f"{name}_reference.json", described)


def check_against_package(name):
    """At the size that the package's network is made for."""
    stages, size = LITES[name]
    kind = type("Network", (Lite0,), {"stages": stages})
    check_size(name.replace("_", "-"), size, lambda theirs: kind(renamed(theirs.state_dict(), stages), torch.float64))


def main():
    for name in sys.argv[1:] or OBJECTIVES:
        if name in LITES:
            check_against_package(name)
        make(name)
        print(name)


if __name__ == "__main__":
    main()
