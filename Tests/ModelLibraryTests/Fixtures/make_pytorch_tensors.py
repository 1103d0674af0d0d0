"""Writes the names and shapes of the tensors in torchvision's and EfficientNet-Lite's state dictionaries.

Needs torch, torchvision and efficientnet-lite-pytorch from PyPI.
"""

import json
import pathlib

import torchvision.models
from efficientnet_lite_pytorch import EfficientNet

NETWORKS = {
    "efficientnet_lite0": lambda: EfficientNet.from_name("efficientnet-lite0"),
    "mobilenet_v2": torchvision.models.mobilenet_v2,
    "vgg16": torchvision.models.vgg16,
    "vgg19": torchvision.models.vgg19,
}


def main():
    tensors = {
        name: {key: list(value.shape) for key, value in make().state_dict().items()} for name, make in NETWORKS.items()
    }
    path = pathlib.Path(__file__).resolve().parent / "pytorch_tensors.json"
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(found)}" for name, found in tensors.items())
    path.write_text(f"{{\n{lines}\n}}\n")


if __name__ == "__main__":
    main()
