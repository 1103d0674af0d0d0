"""Converts the PyTorch weights of the embedded model to this project's file.

    python Scripts/convert_embedded_model.py PYTORCH.safetensors \
        Sources/CEmbeddedModel/inception_v3_rendered.safetensors

The input is InceptionV3's topology at width 0.25 as a PyTorch module of `stem` and `mixed0` … `mixed10` saved it
(OIHW kernels, float16, with a classifier `fc`). The output has the project's names and HWIO kernels, in the order of
the network's description, keeps float16 and drops the classifier. Needs numpy and safetensors from PyPI.
"""

import argparse
import hashlib
import json
import struct

import numpy as np
from safetensors.numpy import load_file

METADATA = {
    "format": "deepdream-model/1",
    "name": "inception_v3_rendered",
    "network": "inception_v3",
    "width": "0.25",
    "channel_multiple": "8",
    "channel_minimum": "8",
    "epsilon": "0.001",
    "input_range": "-1,1",
    "source": "trained from scratch on procedurally rendered pictures (61 motif classes), no photo among them",
    "licence": "Apache-2.0",
    "recipe": "layers=mixed3,mixed5&steps=25&step_size=0.02&octaves=4&octave_scale=1.4&jitter=16&bands=0,2",
}
ALIGNMENT = 64
NORM = {"gamma": "weight", "beta": "bias", "moving_mean": "running_mean", "moving_variance": "running_var"}


def module_names():
    """This project's name of each convolution and PyTorch's, in the order of the network's description."""
    stem = ["Conv2d_1a_3x3", "Conv2d_2a_3x3", "Conv2d_2b_3x3", "Conv2d_3b_1x1", "Conv2d_4a_3x3"]
    # The stem's third module is a max pool.
    yield from zip(stem, (f"stem.{index}" for index in (0, 1, 2, 4, 5)))

    def chain(ours, theirs, length):
        return [(f"{ours}_{index + 1}", f"{theirs}.{index}") for index in range(length)]

    first, last = [("branch1x1", "b1")], [("branch_pool", "bp.1")]
    blocks = {
        (0, 1, 2): [*first, *chain("branch5x5", "b5", 2), *chain("branch3x3dbl", "b3", 3), *last],
        (3,): [("branch3x3", "b3"), *chain("branch3x3dbl", "b33", 3)],
        (4, 5, 6, 7): [*first, *chain("branch7x7", "b7", 3), *chain("branch7x7dbl", "b77", 5), *last],
        (8,): [*chain("branch3x3", "b3", 2), *chain("branch7x7x3", "b7", 4)],
        (9, 10): [
            *first,
            ("branch3x3_1", "b3.pre"),
            ("branch3x3_2a", "b3.a"),
            ("branch3x3_2b", "b3.b"),
            *chain("branch3x3dbl", "b33.pre", 2),
            ("branch3x3dbl_3a", "b33.a"),
            ("branch3x3dbl_3b", "b33.b"),
            *last,
        ],
    }
    for numbers, branches in blocks.items():
        for number in numbers:
            yield from ((f"mixed{number}.{ours}", f"mixed{number}.{theirs}") for ours, theirs in branches)


def converted(weights):
    """The project's tensors, in order; whatever is left in `weights` was not used."""
    tensors = {}
    for ours, theirs in module_names():
        kernel = weights.pop(f"{theirs}.conv.weight").transpose(2, 3, 1, 0)
        tensors[f"{ours}.kernel"] = np.ascontiguousarray(kernel)
        for name, torch_name in NORM.items():
            tensors[f"{ours}.{name}"] = weights.pop(f"{theirs}.bn.{torch_name}")
    return tensors


def write(path, tensors):
    data = b"".join(tensor.tobytes() for tensor in tensors.values())
    header, offset = {}, 0
    header["__metadata__"] = {**METADATA, "checksum": "sha256:" + hashlib.sha256(data).hexdigest()}
    for name, tensor in tensors.items():
        assert tensor.dtype == np.float16, (name, tensor.dtype)
        end = offset + tensor.nbytes
        header[name] = {"dtype": "F16", "shape": list(tensor.shape), "data_offsets": [offset, end]}
        offset = end
    text = json.dumps(header, separators=(",", ":")).encode()
    # Padded with spaces so that the data starts on a cache line.
    text += b" " * (-(8 + len(text)) % ALIGNMENT)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pytorch")
    parser.add_argument("output")
    arguments = parser.parse_args()
    weights = load_file(arguments.pytorch)
    tensors = converted(weights)
    left = [name for name in weights if not name.startswith("fc.") and not name.endswith("num_batches_tracked")]
    if left:
        parser.error(f"tensors without a place in the network: {', '.join(left)}")
    write(arguments.output, tensors)


if __name__ == "__main__":
    main()
