"""Writes the names and shapes of the tensors in torchvision's and EfficientNet-Lite's state dictionaries.

Needs torch, torchvision and efficientnet-lite-pytorch from PyPI.
"""

import json
import pathlib

import torchvision.models
from efficientnet_lite_pytorch import EfficientNet

NETWORKS = {
    **{
        f"efficientnet_lite{size}": lambda size=size: EfficientNet.from_name(f"efficientnet-lite{size}")
        for size in range(3)
    },
    "googlenet": lambda: torchvision.models.googlenet(init_weights=False),
    "inception_v3_torchvision": lambda: torchvision.models.inception_v3(init_weights=False),
    "mobilenet_v2": torchvision.models.mobilenet_v2,
    "resnet50": torchvision.models.resnet50,
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
