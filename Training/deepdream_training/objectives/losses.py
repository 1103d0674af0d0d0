"""The losses of a batch."""

from dataclasses import dataclass

import torch
from torch.nn import functional

from ..augmentation import LABEL_STRIDE, NONE, Batch
from ..network import LAYERS, InceptionV3, grid_centres
from .evidence import EVIDENCE_LAYER, PLACE_HEADS, TrainingHeads

#: The weight of a position without a motif.
NONE_WEIGHT = 0.4
PICTURE_WEIGHT = 0.5
SMOOTHING = 0.05
#: The cost of the mean activation of these layers, which keeps the number of excited channels small.
ACTIVITY_WEIGHTS = {"mixed3": 0.1, EVIDENCE_LAYER: 1.0}


@dataclass
class Losses:
    """The total loss, its parts for the log, all layers' activations, and the motif at each position of mixed5."""

    total: torch.Tensor
    evidence: torch.Tensor
    activity: dict[str, torch.Tensor]
    right: float
    layers: dict[str, torch.Tensor]
    targets: torch.Tensor


def targets_at(layer: str, labels: torch.Tensor, shape: torch.Size, motifs: int) -> torch.Tensor:
    """The label at each position of a layer, N×h×w; the number `motifs` means none."""
    rows = (grid_centres(layer, shape[-2]) // LABEL_STRIDE).clamp(max=labels.shape[1] - 1)
    columns = (grid_centres(layer, shape[-1]) // LABEL_STRIDE).clamp(max=labels.shape[2] - 1)
    found = labels[:, rows][:, :, columns].long()
    return found.where(found != NONE, torch.tensor(motifs))


def place_loss(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """The cross-entropy of logits N×h×w×(motifs + 1)."""
    weights = torch.ones(logits.shape[-1])
    weights[-1] = NONE_WEIGHT
    return functional.cross_entropy(logits.flatten(0, 2), targets.flatten(), weight=weights, label_smoothing=SMOOTHING)


def picture_targets(batch: Batch, motifs: int) -> torch.Tensor:
    """A distribution over motifs, N×motifs: their shares of the positions, mixed with the main motif."""
    main = functional.one_hot(batch.motifs, motifs).float()
    labels = batch.labels.flatten(1).long()
    seen = functional.one_hot(labels.where(labels != NONE, torch.tensor(motifs)), motifs + 1).float().sum(1)[:, :-1]
    total = seen.sum(1, keepdim=True)
    return torch.where(total > 0, 0.2 * main + 0.8 * seen / total.clamp(min=1), main)


def batch_losses(network: InceptionV3, heads: TrainingHeads, batch: Batch, last: str = LAYERS[-1]) -> Losses:
    """Runs the network on a batch, in the precision that autocast chooses, and compares the result with the labels.

    Layers after `last` are not computed.
    """
    layers = network.layers(batch.pictures, last)
    motifs = heads.motifs
    targets = targets_at(EVIDENCE_LAYER, batch.labels, layers[EVIDENCE_LAYER].shape, motifs)
    logits = heads.evidence_logits(layers[EVIDENCE_LAYER])
    evidence = place_loss(logits, targets)
    total = evidence
    for layer, weight in PLACE_HEADS.items():
        if layer in layers:
            total = total + weight * place_loss(heads.place_logits(layer, layers[layer]), targets)
    if LAYERS[-1] in layers:
        picture = heads.picture_logits(layers[LAYERS[-1]])
        wanted = picture_targets(batch, motifs)
        total = total + PICTURE_WEIGHT * functional.cross_entropy(picture, wanted, label_smoothing=SMOOTHING)
    activity = {layer: layers[layer].float().mean() for layer in ACTIVITY_WEIGHTS}
    total = total + sum(weight * activity[layer] for layer, weight in ACTIVITY_WEIGHTS.items())
    with torch.no_grad():
        shown = targets != motifs
        right = (logits[..., :-1].argmax(-1) == targets)[shown].float().mean().item()
    return Losses(total, evidence.detach(), {k: v.detach() for k, v in activity.items()}, right, layers, targets)
