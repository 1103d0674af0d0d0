"""The convolutions of InceptionV3, in the order in which Keras creates them, VGG-16 and GoogLeNet; model files."""

import hashlib
import json
import math
import struct

import numpy as np

EPSILON = 1e-3
ALIGNMENT = 64
NORM = ("beta", "moving_mean", "moving_variance")

STEM = {
    "Conv2d_1a_3x3": (3, 3, 3, 32),
    "Conv2d_2a_3x3": (3, 3, 32, 32),
    "Conv2d_2b_3x3": (3, 3, 32, 64),
    "Conv2d_3b_1x1": (1, 1, 64, 80),
    "Conv2d_4a_3x3": (3, 3, 80, 192),
}


def _block_a(channels, pool):
    return {
        "branch1x1": (1, 1, channels, 64),
        "branch5x5_1": (1, 1, channels, 48),
        "branch5x5_2": (5, 5, 48, 64),
        "branch3x3dbl_1": (1, 1, channels, 64),
        "branch3x3dbl_2": (3, 3, 64, 96),
        "branch3x3dbl_3": (3, 3, 96, 96),
        "branch_pool": (1, 1, channels, pool),
    }


def _block_c(narrow):
    return {
        "branch1x1": (1, 1, 768, 192),
        "branch7x7_1": (1, 1, 768, narrow),
        "branch7x7_2": (1, 7, narrow, narrow),
        "branch7x7_3": (7, 1, narrow, 192),
        "branch7x7dbl_1": (1, 1, 768, narrow),
        "branch7x7dbl_2": (7, 1, narrow, narrow),
        "branch7x7dbl_3": (1, 7, narrow, narrow),
        "branch7x7dbl_4": (7, 1, narrow, narrow),
        "branch7x7dbl_5": (1, 7, narrow, 192),
        "branch_pool": (1, 1, 768, 192),
    }


def _block_e(channels):
    return {
        "branch1x1": (1, 1, channels, 320),
        "branch3x3_1": (1, 1, channels, 384),
        "branch3x3_2a": (1, 3, 384, 384),
        "branch3x3_2b": (3, 1, 384, 384),
        "branch3x3dbl_1": (1, 1, channels, 448),
        "branch3x3dbl_2": (3, 3, 448, 384),
        "branch3x3dbl_3a": (1, 3, 384, 384),
        "branch3x3dbl_3b": (3, 1, 384, 384),
        "branch_pool": (1, 1, channels, 192),
    }


BLOCKS = [
    _block_a(192, 32),
    _block_a(256, 64),
    _block_a(288, 64),
    {
        "branch3x3": (3, 3, 288, 384),
        "branch3x3dbl_1": (1, 1, 288, 64),
        "branch3x3dbl_2": (3, 3, 64, 96),
        "branch3x3dbl_3": (3, 3, 96, 96),
    },
    _block_c(128),
    _block_c(160),
    _block_c(160),
    _block_c(192),
    {
        "branch3x3_1": (1, 1, 768, 192),
        "branch3x3_2": (3, 3, 192, 320),
        "branch7x7x3_1": (1, 1, 768, 192),
        "branch7x7x3_2": (1, 7, 192, 192),
        "branch7x7x3_3": (7, 1, 192, 192),
        "branch7x7x3_4": (3, 3, 192, 192),
    },
    _block_e(1280),
    _block_e(2048),
]

#: Kernel shape (height, width, input channels, output channels) of each convolution, in order of creation.
CONVOLUTIONS = STEM | {
    f"mixed{index}.{name}": shape for index, block in enumerate(BLOCKS) for name, shape in block.items()
}


#: Convolutions in each stage of VGG-16, and their channels.
VGG16_STAGES = (2, 64), (2, 128), (3, 256), (3, 512), (3, 512)


def _vgg16():
    inputs = 3
    for stage, (count, channels) in enumerate(VGG16_STAGES, 1):
        for index in range(1, count + 1):
            yield f"conv{stage}_{index}", (3, 3, inputs, channels)
            inputs = channels


#: GoogLeNet's inception modules: the channels of the branches 1×1, 3×3 and double 3×3, with their narrow ones, and of
#: the pool's.
GOOGLENET_MODULES = {
    "3a": (64, 96, 128, 16, 32, 32),
    "3b": (128, 128, 192, 32, 96, 64),
    "4a": (192, 96, 208, 16, 48, 64),
    "4b": (160, 112, 224, 24, 64, 64),
    "4c": (128, 128, 256, 24, 64, 64),
    "4d": (112, 144, 288, 32, 64, 64),
    "4e": (256, 160, 320, 32, 128, 128),
    "5a": (256, 160, 320, 32, 128, 128),
    "5b": (384, 192, 384, 48, 128, 128),
}


def _googlenet():
    yield from {"conv1": (7, 7, 3, 64), "conv2": (1, 1, 64, 64), "conv3": (3, 3, 64, 192)}.items()
    inputs = 192
    for module, (direct, narrow3, wide3, narrow5, wide5, pooled) in GOOGLENET_MODULES.items():
        name = f"inception{module}"
        yield f"{name}.branch1", (1, 1, inputs, direct)
        yield f"{name}.branch2.0", (1, 1, inputs, narrow3)
        yield f"{name}.branch2.1", (3, 3, narrow3, wide3)
        yield f"{name}.branch3.0", (1, 1, inputs, narrow5)
        yield f"{name}.branch3.1", (3, 3, narrow5, wide5)
        yield f"{name}.branch4.1", (1, 1, inputs, pooled)
        inputs = direct + wide3 + wide5 + pooled
    yield "logits", (1, 1, inputs, 1000)


BIAS = {"bias": (-0.1, 0.3)}
NORM_RANGES = dict(zip(NORM, ((-0.1, 0.3), (-0.1, 0.1), (0.8, 1.2)), strict=True))
#: The convolutions of each network of which a file of random weights can be made, and what follows each of them: the
#: tensors and their ranges.
NETWORKS = {
    "inception_v3": (CONVOLUTIONS, NORM_RANGES),
    "vgg16": (dict(_vgg16()), BIAS),
    "googlenet": (dict(_googlenet()), {"gamma": (0.8, 1.2), **NORM_RANGES}),
}


def write_random_model(path, network="inception_v3", seed=0):
    """Writes a full-width model file of random weights whose activations neither die out nor explode."""
    random = np.random.default_rng(seed)
    tensors = {}
    convolutions, vectors = NETWORKS[network]
    for name, shape in convolutions.items():
        limit = math.sqrt(6 / math.prod(shape[:3]))
        tensors[f"{name}.kernel"] = random.uniform(-limit, limit, shape).astype(np.float32)
        for vector, (low, high) in (BIAS if name == "logits" else vectors).items():
            tensors[f"{name}.{vector}"] = random.uniform(low, high, shape[3]).astype(np.float32)
    data = b"".join(tensor.tobytes() for tensor in tensors.values())
    header = {
        "__metadata__": {
            "format": "deepdream-model/1",
            "name": f"{network}_random",
            "network": network,
            "width": "1",
            "channel_multiple": "8",
            "channel_minimum": "8",
            "epsilon": str(EPSILON if "moving_variance" in vectors else 0.0),
            "input_range": "-1,1",
            "source": "random numbers, for benchmarks",
            "licence": "CC0-1.0",
            "checksum": "sha256:" + hashlib.sha256(data).hexdigest(),
        }
    }
    offset = 0
    for name, tensor in tensors.items():
        end = offset + tensor.nbytes
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [offset, end]}
        offset = end
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-(8 + len(text)) % ALIGNMENT)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".part")
    draft.write_bytes(struct.pack("<Q", len(text)) + text + data)
    draft.rename(path)


def _opened(path):
    """The header of a model file, and the bytes of its tensors."""
    bytes_ = np.memmap(path, dtype=np.uint8, mode="r")
    (length,) = struct.unpack("<Q", bytes_[:8].tobytes())
    return json.loads(bytes_[8 : 8 + length].tobytes()), bytes_[8 + length :]


def network_of(path):
    """The name of a model file's network."""
    return _opened(path)[0]["__metadata__"]["network"]


def read_model(path):
    """The float32 tensors of a model file by name."""
    header, data = _opened(path)
    return {
        name: data[slice(*entry["data_offsets"])].view(np.float32).reshape(entry["shape"])
        for name, entry in header.items()
        if name != "__metadata__"
    }
