"""Dream negatives: pictures being dreamed must not excite the network more than real motifs do.

A buffer holds unfinished dreams. Each has its own objective: all channels of mixed3 and mixed5, the channels of a few
motifs in mixed5, or random channels of mixed3. One pass gives both the loss, which pushes the objective below that of
real motifs, and the picture's gradient, which continues the dream. Two other losses keep the network responsive: the
response to real motifs is held up, and no motif may be silent on empty pictures.
"""

from dataclasses import dataclass

import torch
from torch.nn import functional

from ..network import InceptionV3
from .evidence import EVIDENCE_LAYER, TrainingHeads
from .losses import Losses

TEXTURE_LAYER = "mixed3"
#: On empty pictures, each motif must have this share of a real motif's evidence, at this share of the positions.
FLOOR = 0.03
AWAKE_PLACES = 0.1
#: The slope of ReLUs below zero while silent channels are being activated.
LEAK = 0.3


@dataclass
class References:
    """What real pictures excite: by motif, its evidence where it is shown and anywhere; and the mean of mixed3."""

    evidence: torch.Tensor
    anywhere: torch.Tensor
    texture: float


@dataclass(frozen=True)
class Objectives:
    """The objectives of the dreams in the buffer.

    These are the shares of dreams of all channels and of some motifs, and the most motifs in one dream. All other
    dreams are of random channels of mixed3.
    """

    everything: float = 0.45
    motifs: float = 0.4
    most_motifs: int = 8


class DreamNegatives:
    """The buffer of dreams. Each training step visits some of them."""

    def __init__(
        self,
        heads: TrainingHeads,
        references: References,
        texture_channels: int,
        size: int,
        count: int,
        visit: int,
        seed: int,
        objectives: Objectives = Objectives(),
        evidence_limit: float = 0.8,
        texture_limit: float = 1.0,
    ):
        self.heads, self.references, self.objectives = heads, references, objectives
        self.count, self.visit, self.size = count, visit, size
        self.limits = evidence_limit, texture_limit
        self.random = torch.Generator().manual_seed(seed)
        self.pictures: torch.Tensor | None = None
        self.motif_weights = torch.zeros(count, heads.motifs)
        self.texture_weights = torch.zeros(count, texture_channels)

    def state(self) -> dict:
        return {
            "pictures": self.pictures,
            "motif_weights": self.motif_weights,
            "texture_weights": self.texture_weights,
            "references": (self.references.evidence, self.references.anywhere, self.references.texture),
            "random": self.random.get_state(),
        }

    def load(self, state: dict) -> None:
        self.pictures = state["pictures"]
        self.motif_weights, self.texture_weights = state["motif_weights"], state["texture_weights"]
        self.references = References(*state["references"])
        self.random.set_state(state["random"])

    def _uniform(self, *shape: int) -> torch.Tensor:
        return torch.rand(*shape, generator=self.random)

    def _integer(self, low: int, high: int) -> int:
        return int(torch.randint(low, high + 1, (1,), generator=self.random))

    def _begin(self, index: int, real: torch.Tensor) -> None:
        """Starts a dream: from a blurred real picture (3×S×S), smooth noise or grey, with a new objective."""
        kind = float(self._uniform(1))
        if kind < 0.65:
            side = self._integer(3, 40)
            small = functional.interpolate(real[None], size=(side, side), mode="area")
        else:
            small = self._blots(several=kind < 0.9)
        self.pictures[index] = self._enlarged(small)
        self._choose_objective(index)

    def _blots(self, several: bool) -> torch.Tensor:
        """Noise 1×3×s×s for `_enlarged`: `several` blots around a random colour, s from 2 to 32; else s is 2."""
        if not several:
            return 0.4 * torch.randn(1, 3, 2, 2, generator=self.random)
        side = 2 ** self._integer(1, 5)
        small = torch.randn(1, 3, side, side, generator=self.random) * (0.1 + 0.5 * self._uniform(1))
        return small + 0.5 * torch.randn(1, 3, 1, 1, generator=self.random)

    def _enlarged(self, small: torch.Tensor) -> torch.Tensor:
        """1×3×s×s as a smooth picture 3×S×S with a little noise."""
        size = self.size
        start = functional.interpolate(small, size=(size, size), mode="bicubic")[0]
        return (start + 0.03 * torch.randn(3, size, size, generator=self.random)).clamp(-1, 1)

    def _choose_objective(self, index: int) -> None:
        kind = float(self._uniform(1))
        motifs, channels = self.motif_weights.shape[1], self.texture_weights.shape[1]
        shares = self.objectives
        if kind < shares.everything:
            self.motif_weights[index] = 1
            self.texture_weights[index] = 1
        elif kind < shares.everything + shares.motifs:
            chosen = torch.randperm(motifs, generator=self.random)[: self._integer(1, shares.most_motifs)]
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
        """How much less real motifs excite than at the beginning of the stage.

        Without this loss, the network could satisfy the negatives by not responding to anything.
        """
        shown = losses.targets != self.heads.motifs
        evidence = self.heads.evidence(losses.layers[EVIDENCE_LAYER])[shown]
        motifs = losses.targets[shown]
        own = evidence.gather(1, motifs[:, None])[:, 0] / self.references.evidence[motifs]
        texture = losses.layers[TEXTURE_LAYER].float().mean((1, 2, 3)) / self.references.texture
        return functional.relu(1 - own).mean() + functional.relu(1 - texture).mean()

    def silence(self, network: InceptionV3, count: int) -> torch.Tensor:
        """How far motifs are below the floor on empty pictures.

        If all ReLUs of a motif's channels are zero, a dream of it has no gradient.
        """
        pictures = torch.stack([self._enlarged(self._blots(several=index % 4 > 0)) for index in range(count)])
        with network.leaking(EVIDENCE_LAYER, LEAK), torch.autocast("cpu", torch.bfloat16):
            layers = network.layers(pictures.contiguous(memory_format=torch.channels_last), EVIDENCE_LAYER)
        relative = self.heads.evidence(layers[EVIDENCE_LAYER]).flatten(1, 2) / self.references.evidence
        loudest = relative.topk(max(1, int(AWAKE_PLACES * relative.shape[1])), 1).values.mean(1)
        return functional.relu(FLOOR - loudest).mean()

    def loss(self, network: InceptionV3, real: torch.Tensor, weight: float) -> float:
        """Adds the gradient of `weight` × the excess excitement to the parameters, and takes a step of the dreams.

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
        excess = [functional.relu(e.detach() - limit) for e, limit in zip(excitements, self.limits, strict=True)]
        # Where there is no excess, a tiny factor still gives the dream a direction.
        factors = [weight * (e > 0).float() / self.visit + 1e-6 for e in excess]
        sum((e * f).sum() for e, f in zip(excitements, factors, strict=True)).backward()
        # The gradients of the two parts differ in scale; a dream follows the same sum as with a recipe.
        self._climb(chosen, pictures)
        return float(sum(e.mean() for e in excess))

    def _excitements(self, layers: dict[str, torch.Tensor], chosen: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Each picture's objective relative to that of a real picture, for mixed5 and mixed3; 0 without such a part.

        A real picture that shows one of the motifs everywhere excites that motif's channels fully, and the other
        motifs' channels as much as any picture does.
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
    """The standard deviation of each picture, N×1×1×1."""
    return pictures.flatten(1).std(1)[:, None, None, None] + 1e-12
