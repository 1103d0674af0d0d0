"""Small adversarial steps on the input, so that the picture's gradients look like motifs instead of grain."""

import torch

from ..augmentation import Batch
from ..network import InceptionV3
from .evidence import EVIDENCE_LAYER, TrainingHeads
from .losses import batch_losses


def norms(pictures: torch.Tensor) -> torch.Tensor:
    """The Euclidean norm of each picture, N×1×1×1."""
    return pictures.flatten(1).norm(dim=1)[:, None, None, None]


def attacked(network: InceptionV3, heads: TrainingHeads, batch: Batch, radius: float) -> Batch:
    """The batch after one step of this Euclidean length that increases the loss of the layers used for dreams.

    Pictures are in [-1, 1]. The noise that they already have replaces a random start.
    """
    parameters = [p for p in [*network.parameters(), *heads.parameters()] if p.requires_grad]
    for parameter in parameters:
        parameter.requires_grad_(False)
    pictures = batch.pictures.detach().requires_grad_(True)
    with torch.autocast("cpu", torch.bfloat16):
        moved = Batch(pictures, batch.labels, batch.motifs)
        loss = batch_losses(network, heads, moved, EVIDENCE_LAYER).total
    (gradient,) = torch.autograd.grad(loss, pictures)
    for parameter in parameters:
        parameter.requires_grad_(True)
    moved = pictures.detach() + gradient * (radius / (norms(gradient) + 1e-12))
    return Batch(moved.contiguous(memory_format=torch.channels_last), batch.labels, batch.motifs)
