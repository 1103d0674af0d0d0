"""Checkpoints: everything needed to resume a stage, and the averaged weights that later stages use."""

import pathlib
from dataclasses import asdict

import torch

from .network import InceptionV3, Widths
from .objectives.evidence import TrainingHeads


class Average:
    """The exponential moving average of a module's tensors, updated every few steps."""

    EVERY = 8

    def __init__(self, module: torch.nn.Module, decay: float):
        self.decay, self.steps = decay, 0
        self.tensors = {name: tensor.detach().clone() for name, tensor in module.state_dict().items()}

    @torch.no_grad()
    def update(self, module: torch.nn.Module) -> None:
        self.steps += 1
        if self.steps % self.EVERY:
            return
        share = self.EVERY * max(1 - self.decay, 1 / (self.steps + 20))
        current = module.state_dict()
        names = [name for name, tensor in self.tensors.items() if tensor.is_floating_point()]
        torch._foreach_lerp_([self.tensors[name] for name in names], [current[name] for name in names], share)


def save(path: pathlib.Path, contents: dict) -> None:
    """Writes a checkpoint atomically, so an interrupted program never leaves an incomplete one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".partial")
    torch.save(contents, temporary)
    temporary.replace(path)


def load(path: pathlib.Path) -> dict:
    return torch.load(path, map_location="cpu", weights_only=False)


def description(network: InceptionV3, motif_names: list[str]) -> dict:
    """The part of a checkpoint that describes its network."""
    return {"widths": asdict(network.widths), "motifs": motif_names}


def averaged_network(path: pathlib.Path) -> tuple[InceptionV3, TrainingHeads, list[str]]:
    """The averaged network of a checkpoint, its heads and the motifs' names, constant and ready to dream."""
    contents = load(path)
    network = InceptionV3(Widths(**contents["widths"]))
    heads = TrainingHeads(network, len(contents["motifs"]))
    network.load_state_dict(contents["average"]["network"])
    heads.load_state_dict(contents["average"]["heads"])
    return constant(network), constant(heads), contents["motifs"]


def constant(module: torch.nn.Module) -> torch.nn.Module:
    """Prepares a module for dreaming: no parameter gradients, evaluation mode, channels last, folded BatchNorm."""
    module.eval().requires_grad_(False)
    if isinstance(module, InceptionV3):
        module.freeze_norms()
    return module.to(memory_format=torch.channels_last)
