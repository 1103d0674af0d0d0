"""Dream negatives: pictures being dreamed must not excite the network more than real motifs do.

A buffer holds pictures in the middle of a dream, each with an objective of its own: all channels of mixed3 and mixed5,
a few motifs' channels of mixed5, or a random part of mixed3. One pass gives both the loss, which pushes the objective
below that of true motifs, and the gradient at the picture, along which the dream goes on.
"""

from dataclasses import dataclass

import torch
from torch.nn import functional

from ..network import InceptionV3
from .evidence import EVIDENCE_LAYER, TrainingHeads
from .losses import Losses

TEXTURE_LAYER = "mixed3"


@dataclass
class References:
    """What real pictures excite: each motif's evidence where it is shown, and anywhere (motifs); the mean of mixed3."""

    evidence: torch.Tensor
    anywhere: torch.Tensor
    texture: float


class DreamNegatives:
    """The buffer and its visits."""

    def __init__(
        self, heads: TrainingHeads, references: References, texture_channels: int, size: int, count: int, visit: int,
        seed: int, evidence_limit: float = 0.8, texture_limit: float = 1.0,
    ):
        self.heads, self.references = heads, references
        self.count, self.visit, self.size = count, visit, size
        self.limits = evidence_limit, texture_limit
        self.random = torch.Generator().manual_seed(seed)
        self.pictures: torch.Tensor | None = None
        self.motif_weights = torch.zeros(count, heads.motifs)
        self.texture_weights = torch.zeros(count, texture_channels)

    def state(self) -> dict:
        return {
            "pictures": self.pictures, "motif_weights": self.motif_weights, "texture_weights": self.texture_weights,
            "references": (self.references.evidence, self.references.anywhere, self.references.texture),
        }

    def load(self, state: dict) -> None:
        self.pictures = state["pictures"]
        self.motif_weights, self.texture_weights = state["motif_weights"], state["texture_weights"]
        self.references = References(*state["references"])

    def _uniform(self, *shape: int) -> torch.Tensor:
        return torch.rand(*shape, generator=self.random)

    def _integer(self, low: int, high: int) -> int:
        return int(torch.randint(low, high + 1, (1,), generator=self.random))

    def _begin(self, index: int, real: torch.Tensor) -> None:
        """Starts a dream: from a blurred real picture (3×S×S), smooth noise or grey, with a new objective."""
        size, kind = self.size, float(self._uniform(1))
        if kind < 0.65:
            side = self._integer(3, 40)
            small = functional.interpolate(real[None], size=(side, side), mode="area")
        elif kind < 0.9:
            side = 2 ** self._integer(1, 5)
            small = torch.randn(1, 3, side, side, generator=self.random) * (0.1 + 0.5 * self._uniform(1))
            small = small + 0.5 * torch.randn(1, 3, 1, 1, generator=self.random)
        else:
            small = 0.4 * torch.randn(1, 3, 2, 2, generator=self.random)
        start = functional.interpolate(small, size=(size, size), mode="bicubic")[0]
        start = start + 0.03 * torch.randn(3, size, size, generator=self.random)
        self.pictures[index] = start.clamp(-1, 1)
        self._choose_objective(index)

    def _choose_objective(self, index: int) -> None:
        kind = float(self._uniform(1))
        motifs, channels = self.motif_weights.shape[1], self.texture_weights.shape[1]
        if kind < 0.45:
            self.motif_weights[index] = 1
            self.texture_weights[index] = 1
        elif kind < 0.85:
            chosen = torch.randperm(motifs, generator=self.random)[: self._integer(1, 8)]
            self.motif_weights[index] = 0
            self.motif_weights[index, chosen] = 1
            self.texture_weights[index] = 0
        else:
            self.motif_weights[index] = 0
            self.texture_weights[index] = (self._uniform(channels) < 0.15).float()

    def _fill(self, real: torch.Tensor) -> None:
        self.pictures = torch.empty(self.count, 3, self.size, self.size)
        for index in range(self.count):
            self._begin(index, real[index % len(real)])

    def hold(self, losses: Losses) -> torch.Tensor:
        """How far real motifs fall short of what they excited when the stage began.

        Without it the network could satisfy the negatives by being excited by nothing.
        """
        shown = losses.targets != self.heads.motifs
        evidence = self.heads.evidence(losses.layers[EVIDENCE_LAYER])[shown]
        motifs = losses.targets[shown]
        own = evidence.gather(1, motifs[:, None])[:, 0] / self.references.evidence[motifs]
        texture = losses.layers[TEXTURE_LAYER].float().mean((1, 2, 3)) / self.references.texture
        return functional.relu(1 - own).mean() + functional.relu(1 - texture).mean()

    def loss(self, network: InceptionV3, real: torch.Tensor, weight: float) -> float:
        """Adds the gradient of `weight` × the excess excitement to the parameters, and dreams one step on.

        Returns the excess before the step.
        """
        if self.pictures is None:
            self._fill(real)
        chosen = torch.randperm(self.count, generator=self.random)[: self.visit]
        for index in chosen[self._uniform(self.visit) < 0.04].tolist():
            self._begin(index, real[self._integer(0, len(real) - 1)])
        pictures = self.pictures[chosen].contiguous(memory_format=torch.channels_last).requires_grad_(True)
        with torch.autocast("cpu", torch.bfloat16):
            layers = network.layers(pictures, EVIDENCE_LAYER)
        excitements = self._excitements(layers, chosen)
        excess = [functional.relu(e.detach() - limit) for e, limit in zip(excitements, self.limits)]
        # Where nothing is to be pushed down, a tiny factor still gives the dream its direction.
        factors = [weight * (e > 0).float() / self.visit + 1e-6 for e in excess]
        sum((e * f).sum() for e, f in zip(excitements, factors)).backward()
        # The two parts' gradients differ in scale; a dream follows the sum that the recipe would.
        self._climb(chosen, pictures)
        return float(sum(e.mean() for e in excess))

    def _excitements(self, layers: dict[str, torch.Tensor], chosen: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Each picture's objective relative to a real one's, for mixed5 and mixed3; 0 where it has no such part.

        A real picture that shows one of the motifs all over excites that motif's channels fully, and the others' as
        much as any picture does.
        """
        motif_weights, texture_weights = self.motif_weights[chosen], self.texture_weights[chosen]
        relative = self.heads.evidence(layers[EVIDENCE_LAYER]).mean((1, 2)) / self.references.evidence
        usual = motif_weights @ (self.references.anywhere / self.references.evidence)
        evidence = (relative * motif_weights).sum(1) / (1 + usual)
        texture = layers[TEXTURE_LAYER].float().mean((2, 3)) / self.references.texture
        texture = (texture * texture_weights).sum(1) / texture_weights.sum(1).clamp(min=1)
        return evidence, texture

    def _climb(self, chosen: torch.Tensor, pictures: torch.Tensor) -> None:
        gradient = pictures.grad
        if float(self._uniform(1)) < 0.5:
            smooth = functional.avg_pool2d(functional.avg_pool2d(gradient, 5, 1, 2), 5, 1, 2)
            gradient = gradient / deviations(gradient) + smooth / deviations(smooth)
        length = 0.04 * (0.3 + 1.2 * float(self._uniform(1)))
        moved = (pictures.detach() + length * gradient / deviations(gradient)).clamp(-1, 1)
        shift = self._integer(-8, 8), self._integer(-8, 8)
        self.pictures[chosen] = moved.roll(shift, (2, 3))


def deviations(pictures: torch.Tensor) -> torch.Tensor:
    """Each picture's standard deviation, N×1×1×1."""
    return pictures.flatten(1).std(1)[:, None, None, None] + 1e-12
