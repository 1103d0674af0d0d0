"""The training heads: which channels of mixed5 belong to which motif, and classifiers that are not exported."""

import torch
from torch import nn

from ..network import InceptionV3

EVIDENCE_LAYER = "mixed5"
#: mixed5 has four branches with the same number of channels.
BRANCHES = 4
#: The logit of a channel group whose mean activation is 1.
EVIDENCE_SCALE = 8.0
#: The constant logit of "no motif here".
NONE_LOGIT = 2.0
#: Layers with a linear classifier at each position, and the weight of its loss.
PLACE_HEADS = {"mixed3": 0.3, "mixed4": 0.3, "mixed7": 0.5}


def channel_motifs(channels: int, motifs: int) -> torch.Tensor:
    """The motif of each channel of mixed5; every motif has one channel in each branch if there are enough channels."""
    width = channels // BRANCHES
    index = torch.arange(channels)
    return (index % width if motifs <= width else index) % motifs


class TrainingHeads(nn.Module):
    """Turns activations into logits of motifs."""

    def __init__(self, network: InceptionV3, motifs: int):
        super().__init__()
        self.motifs = motifs
        owners = channel_motifs(network.channels[EVIDENCE_LAYER], motifs)
        groups = nn.functional.one_hot(owners, motifs).float()
        self.register_buffer("groups", groups / BRANCHES, persistent=False)
        self.places = nn.ModuleDict({layer: nn.Conv2d(network.channels[layer], motifs + 1, 1) for layer in PLACE_HEADS})
        self.classifier = nn.Linear(network.channels["mixed10"], motifs)
        self.drop = nn.Dropout(0.1)

    def evidence(self, activations: torch.Tensor) -> torch.Tensor:
        """The activation of each motif's channels at each position: N×C×h×w to N×h×w×motifs."""
        return activations.permute(0, 2, 3, 1).float() @ self.groups

    def evidence_logits(self, activations: torch.Tensor) -> torch.Tensor:
        """Logits N×h×w×(motifs + 1) of the evidence layer; the last is "none"."""
        evidence = EVIDENCE_SCALE * self.evidence(activations)
        none = torch.full_like(evidence[..., :1], NONE_LOGIT)
        return torch.cat([evidence, none], -1)

    def place_logits(self, layer: str, activations: torch.Tensor) -> torch.Tensor:
        """Logits N×h×w×(motifs + 1) of a linear classifier at each position."""
        return self.places[layer](activations).permute(0, 2, 3, 1).float()

    def picture_logits(self, activations: torch.Tensor) -> torch.Tensor:
        """Logits N×motifs of the classifier of the whole picture, from mixed10."""
        return self.classifier(self.drop(activations.mean((2, 3)))).float()
