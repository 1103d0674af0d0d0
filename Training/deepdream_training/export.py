"""Reads and writes the project's model files: safetensors with HWIO kernels and float16 numbers.

python -m deepdream_training.export CHECKPOINT MODEL.safetensors
"""

import argparse
import hashlib
import json
import pathlib
import struct

import numpy as np
import torch
from safetensors import safe_open

from . import checkpoints
from .dreaming import RECOMMENDED, Recipe
from .network import CHANNEL_MULTIPLE, EPSILON, InceptionV3, Widths
from .objectives.evidence import EVIDENCE_LAYER, channel_motifs
from .stages import JUDGE_WIDTHS, STAGES

ALIGNMENT = 64
#: The parameters of a unit's BatchNorm, with the project's names.
NORM = {"gamma": "weight", "beta": "bias", "moving_mean": "running_mean", "moving_variance": "running_var"}


def metadata(widths: Widths, motif_names: list[str], channels: int, recipe: Recipe, record: str) -> dict[str, str]:
    """The file's metadata; its last entry names mixed5's channels: `arch=1+69+137+205,balloon=…`."""
    owners = channel_motifs(channels, len(motif_names)).tolist()
    owned = [
        "+".join(str(channel) for channel, owner in enumerate(owners) if owner == motif)
        for motif in range(len(motif_names))
    ]
    return {
        "format": "deepdream-model/1",
        "name": "inception_v3_rendered",
        "network": "inception_v3",
        "width": f"{widths.body:g}",
        "tail_width": f"{widths.tail:g}",
        "channel_multiple": str(CHANNEL_MULTIPLE),
        "channel_minimum": str(widths.minimum),
        "epsilon": f"{EPSILON:g}",
        "input_range": "-1,1",
        "source": "trained from scratch on procedurally rendered pictures, no photo among them",
        "training": record,
        "licence": "Apache-2.0",
        "recipe": recipe.text(),
        f"channels.{EVIDENCE_LAYER}": ",".join(map("=".join, zip(motif_names, owned, strict=True))),
    }


def training_record() -> str:
    """A short summary of the stages."""
    return "; ".join(
        f"{stage.name}: {stage.pictures} pictures of {stage.size} px"
        for stage in STAGES.values() if stage.widths != JUDGE_WIDTHS
    ) + "; balanced"  # fmt: skip


def tensors_of(network: InceptionV3) -> dict[str, np.ndarray]:
    """The file's tensors, in the order of the network's description."""
    tensors = {}
    for name, unit in network.units().items():
        kernel = unit.effective_kernel().detach().permute(2, 3, 1, 0)
        tensors[f"{name}.kernel"] = kernel
        for ours, theirs in NORM.items():
            tensors[f"{name}.{ours}"] = getattr(unit.norm, theirs).detach()
    return {name: np.ascontiguousarray(tensor.half().numpy()) for name, tensor in tensors.items()}


def write(path: pathlib.Path, tensors: dict[str, np.ndarray], described: dict[str, str]) -> None:
    data = b"".join(tensor.tobytes() for tensor in tensors.values())
    header: dict[str, dict] = {"__metadata__": described | {"checksum": "sha256:" + hashlib.sha256(data).hexdigest()}}
    offset = 0
    for name, tensor in tensors.items():
        if not np.isfinite(tensor).all():
            raise ValueError(f"{name} has numbers that float16 cannot hold")
        end = offset + tensor.nbytes
        header[name] = {"dtype": "F16", "shape": list(tensor.shape), "data_offsets": [offset, end]}
        offset = end
    text = json.dumps(header, separators=(",", ":")).encode()
    # Padded with spaces so that the data starts on a cache line.
    text += b" " * (-(8 + len(text)) % ALIGNMENT)
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def read(path: pathlib.Path) -> tuple[InceptionV3, dict[str, str]]:
    """A model file as a constant network, and its metadata."""
    with safe_open(path, "pt") as file:
        described = file.metadata()
        body = float(described["width"])
        widths = Widths(body, float(described.get("tail_width", body)), int(described["channel_minimum"]))
        network = InceptionV3(widths, low_pass=False)
        with torch.no_grad():
            for name, unit in network.units().items():
                unit.kernel.copy_(file.get_tensor(f"{name}.kernel").permute(3, 2, 0, 1))
                for ours, theirs in NORM.items():
                    getattr(unit.norm, theirs).copy_(file.get_tensor(f"{name}.{ours}"))
    return checkpoints.constant(network), described


def main() -> None:
    parser = argparse.ArgumentParser(description="Writes a checkpoint's averaged network as the project's model file.")
    parser.add_argument("checkpoint", type=pathlib.Path)
    parser.add_argument("model", type=pathlib.Path)
    arguments = parser.parse_args()
    network, _, motif_names = checkpoints.averaged_network(arguments.checkpoint)
    channels = network.channels[EVIDENCE_LAYER]
    described = metadata(network.widths, motif_names, channels, RECOMMENDED, training_record())
    write(arguments.model, tensors_of(network), described)
    print(f"{arguments.model}: {arguments.model.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
