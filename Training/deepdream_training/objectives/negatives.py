"""Dream negatives: pictures being dreamed must not excite the network more than real motifs do.

A buffer holds pictures in the middle of a dream, each with an objective of its own: all channels of mixed3 and mixed5,
a few motifs' channels of mixed5, or a random part of mixed3. One pass gives both the loss, which pushes the objective
below that of true motifs, and the gradient at the picture, along which the dream goes on. Two other losses keep it
excitable: what real motifs excite is held up, and on pictures of nothing no motif may fall silent.
"""

from dataclasses import dataclass

import torch
from torch.nn import functional

from ..network import InceptionV3
from .evidence import EVIDENCE_LAYER, TrainingHeads
from .losses import Losses

TEXTURE_LAYER = "mixed3"
#: What share of a real motif's evidence each motif must have on pictures of nothing, at this share of their places.
FLOOR = 0.03
AWAKE_PLACES = 0.1
#: How much of what is below zero ReLUs pass on while silent channels are woken.
LEAK = 0.3


@dataclass
class References:
    """What real pictures excite: each motif's evidence where it is shown, and anywhere (motifs); the mean of mixed3."""

    evidence: torch.Tensor
    anywhere: torch.Tensor
    texture: float


@dataclass(frozen=True)
class Objectives:
    """What dreams of the buffer are about: the shares of those of all channels and of some motifs', the rest being of
    random parts of mixed3; and how many motifs at most.
    """

    everything: float = 0.45
    motifs: float = 0.4
    most_motifs: int = 8


class DreamNegatives:
    """The buffer and its visits."""

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
        """How far real motifs fall short of what they excited when the stage began.

        Without it the network could satisfy the negatives by being excited by nothing.
        """
        shown = losses.targets != self.heads.motifs
        evidence = self.heads.evidence(losses.layers[EVIDENCE_LAYER])[shown]
        motifs = losses.targets[shown]
        own = evidence.gather(1, motifs[:, None])[:, 0] / self.references.evidence[motifs]
        texture = losses.layers[TEXTURE_LAYER].float().mean((1, 2, 3)) / self.references.texture
        return functional.relu(1 - own).mean() + functional.relu(1 - texture).mean()

    def silence(self, network: InceptionV3, count: int) -> torch.Tensor:
        """How far motifs fall short of the floor on pictures of nothing.

        Where all ReLUs of a motif's channels are shut, a dream of it has no gradient to climb.
        """
        pictures = torch.stack([self._enlarged(self._blots(several=index % 4 > 0)) for index in range(count)])
        with network.leaking(EVIDENCE_LAYER, LEAK), torch.autocast("cpu", torch.bfloat16):
            layers = network.layers(pictures.contiguous(memory_format=torch.channels_last), EVIDENCE_LAYER)
        relative = self.heads.evidence(layers[EVIDENCE_LAYER]).flatten(1, 2) / self.references.evidence
        loudest = relative.topk(max(1, int(AWAKE_PLACES * relative.shape[1])), 1).values.mean(1)
        return functional.relu(FLOOR - loudest).mean()

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
        excess = [functional.relu(e.detach() - limit) for e, limit in zip(excitements, self.limits, strict=True)]
        # Where nothing is to be pushed down, a tiny factor still gives the dream its direction.
        factors = [weight * (e > 0).float() / self.visit + 1e-6 for e in excess]
        sum((e * f).sum() for e, f in zip(excitements, factors, strict=True)).backward()
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
