"""An independent network that tells which motif a dream shows at each position.

It has other widths and another seed than the exported network, and no dream was made with it.

python -m deepdream_training.stages judge --pool POOL --output RUN
"""

import pathlib
from dataclasses import dataclass

import torch

from . import checkpoints
from .network import InceptionV3
from .objectives.evidence import TrainingHeads

#: The judge classifies each position of this layer.
JUDGED_LAYER = "mixed7"


@dataclass
class Judge:
    """The judge's network, heads and motifs."""

    network: InceptionV3
    heads: TrainingHeads
    motif_names: list[str]

    @classmethod
    def load(cls, checkpoint: pathlib.Path) -> "Judge":
        return cls(*checkpoints.averaged_network(checkpoint))

    @torch.no_grad()
    def probabilities(self, pictures: torch.Tensor) -> torch.Tensor:
        """The motifs' probabilities at each position, N×h×w×(motifs + 1), of pictures N×3×H×W; the last is "none"."""
        with torch.autocast("cpu", torch.bfloat16):
            layers = self.network.layers(pictures.contiguous(memory_format=torch.channels_last), JUDGED_LAYER)
            logits = self.heads.place_logits(JUDGED_LAYER, layers[JUDGED_LAYER])
        return logits.softmax(-1)
