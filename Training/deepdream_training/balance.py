"""Balances the channels of mixed3 and mixed5 so that no motif wins everywhere, without changing the network's output.

    python -m deepdream_training.balance RUN/names.pt RUN/balanced.pt --judge RUN/names.pt

Positive factors pass through ReLUs and pools unchanged, so a channel can be scaled by a gain if the kernels that read
it are scaled back. Gains change only which channels dominate a mean of activations. They are found by dreaming on
varied pictures: motifs that win too often are reduced. The search uses the network's own classifier at mixed7 as judge;
a weaker independent network mistook cells of every kind for the requested motif.
"""

import argparse
import json
import pathlib
from dataclasses import replace

import numpy as np
import torch

from . import checkpoints, dreaming, metrics, pictures, scenes, sheets
from .judge import Judge
from .motifs import motifs as motif_modules
from .network import PRODUCERS, InceptionV3
from .objectives.evidence import EVIDENCE_LAYER, channel_motifs

TEXTURE_LAYER = "mixed3"
#: The recipe of the search: mixed5 has most of the weight, and only the gains affect variety.
SEARCH = replace(dreaming.OCTAVES, layers={"mixed4": 0.2, "mixed5": 1.0}, steps=14, step_size=0.034)
SEARCH_SIZE = (256, 192)
#: How often textures should win, relative to objects: textures fill any region that they enter, objects do not.
TEXTURE_SHARE = 0.3
#: Limits of the logarithm of a gain. Raising motifs that never win makes dreams weak, hence the low upper limit.
REACH = (-1.6, 0.3)


def searched_pictures(count: int = 16) -> dict[str, np.ndarray]:
    """Varied pictures to search on; none is among the judged ones."""
    random = np.random.default_rng(11)
    names = scenes.motif_names()
    found: dict[str, np.ndarray] = {}
    for index in range(count):
        kind, seed = index % 4, 1000 + index
        if kind == 0:
            found[f"clouds-{seed}"] = pictures.clouds(seed)
        elif kind == 1:
            first, second = random.integers(20, 236, (2, 3))
            found[f"gradient-{seed}"] = pictures.gradient(tuple(first), tuple(second))
        elif kind == 2:
            found[f"landscape-{seed}"] = pictures.landscape(seed)
        else:
            motif = names[int(random.integers(len(names)))]
            found[f"scene-{motif}-{seed}"] = pictures.rendered(motif, 800_000_000 + seed)
    return found


#: The units that read a layer, except mixed2's pool branch.
CONSUMERS = {
    "mixed2": ("mixed3.branch3x3", "mixed3.branch3x3dbl_1"),
    "mixed3": tuple(f"mixed4.{name}" for name in ("branch1x1", "branch7x7_1", "branch7x7dbl_1", "branch_pool")),
    "mixed5": tuple(f"mixed6.{name}" for name in ("branch1x1", "branch7x7_1", "branch7x7dbl_1", "branch_pool")),
}


@torch.no_grad()
def apply_gains(network: InceptionV3, layer: str, gains: torch.Tensor) -> None:
    """Scales a layer's channels, and inversely the kernels that read them, so that only this layer changes.

    The last channels of mixed3 are those of mixed2, pooled, so their gains are applied to mixed2.
    """
    units = network.units()
    for name in CONSUMERS[layer]:
        units[name].kernel.div_(gains[None, :, None, None])
    first = 0
    for name in PRODUCERS[layer]:
        norm = units[f"{layer}.{name}"].norm
        part = gains[first : first + norm.num_features]
        norm.weight.mul_(part)
        norm.bias.mul_(part)
        first += norm.num_features
    if layer == "mixed3":
        apply_gains(network, "mixed2", gains[first:])


class GainSearch:
    """Searches gains for each motif (on mixed5) and for each channel of mixed3, by multiplicative updates."""

    def __init__(self, network: InceptionV3, judge: Judge, start: torch.Tensor, share: float):
        self.network, self.judge, self.start = network, judge, start
        motifs = len(judge.motif_names)
        shares = torch.tensor([TEXTURE_SHARE if motif.KIND == "texture" else 1.0 for motif in motif_modules()])
        self.wanted = shares / shares.sum()
        self.owners = channel_motifs(network.channels[EVIDENCE_LAYER], motifs)
        self.motif_logs = torch.zeros(motifs)
        self.texture_logs = torch.zeros(network.channels[TEXTURE_LAYER])
        with torch.no_grad():
            self.real = self._means(start)
        #: The weight of mixed3 in the objective relative to mixed5, in units of what the pictures excite in each.
        self.share = share

    def _means(self, values: torch.Tensor) -> dict[str, torch.Tensor]:
        """The mean of each channel of both layers."""
        layers = self.network.layers(values, EVIDENCE_LAYER)
        return {name: layers[name].float().mean((0, 2, 3)) for name in (TEXTURE_LAYER, EVIDENCE_LAYER)}

    def gains(self) -> dict[str, torch.Tensor]:
        """The gain of every channel, by layer."""
        motif_gains = (self.motif_logs - self.motif_logs.mean()).exp()[self.owners]
        texture_gains = (self.texture_logs - self.texture_logs.mean()).exp()
        level = self.real[EVIDENCE_LAYER].mean() / (self.real[TEXTURE_LAYER] * texture_gains).mean()
        return {TEXTURE_LAYER: texture_gains * level * self.share, EVIDENCE_LAYER: motif_gains}

    def dreams(self) -> torch.Tensor:
        recipe = replace(SEARCH, channels=self.gains(), seed=int(torch.randint(1000, (1,))))
        return dreaming.dream_tensor(self.network, self.start, recipe)

    def update(self, dreams: torch.Tensor, rate: float) -> dict:
        """Makes one update; returns measurements of the dreams that it was based on."""
        probabilities = self.judge.probabilities(dreams)
        shares = probabilities[..., :-1].mean((0, 1, 2))
        shares = shares / shares.sum()
        surplus = ((shares + 0.25 / len(shares)) / (self.wanted + 0.25 / len(shares))).log()
        # Small changes decide which motif wins, so steps are small.
        self.motif_logs = (self.motif_logs - rate * surplus.clamp(-1, 1)).clamp(*REACH)
        if TEXTURE_LAYER in SEARCH.layers:
            self._update_textures(dreams, rate)
        return metrics.variety(probabilities)

    @torch.no_grad()
    def _update_textures(self, dreams: torch.Tensor, rate: float) -> None:
        """Reduces channels of mixed3 that dreams excite more than others."""
        means = self._means(dreams)[TEXTURE_LAYER]
        grown = ((means + 0.1 * means.mean()) / (self.real[TEXTURE_LAYER] + 0.1 * means.mean())).log()
        self.texture_logs = (self.texture_logs - 0.3 * rate * (grown - grown.mean())).clamp(*REACH)


def main() -> None:
    parser = argparse.ArgumentParser(description="Balances a trained network's channels.")
    parser.add_argument("checkpoint", type=pathlib.Path)
    parser.add_argument("balanced", type=pathlib.Path)
    parser.add_argument("--judge", type=pathlib.Path, required=True)
    parser.add_argument("--rounds", type=int, default=16)
    parser.add_argument("--share", type=float, default=1.0, help="weight of mixed3 relative to mixed5")
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(5)
    network, _, _ = checkpoints.averaged_network(arguments.checkpoint)
    start = sheets.tensor_of(searched_pictures(), *SEARCH_SIZE)
    search = GainSearch(network, Judge.load(arguments.judge), start, arguments.share)
    best, best_gains = -1.0, None
    for number in range(arguments.rounds):
        gains = search.gains()
        figures = search.update(search.dreams(), 0.25 / (1 + number / 8))
        print(number, json.dumps(figures), flush=True)
        # Entropy alone would reward dreams that are too weak to show anything.
        worth = figures["entropy"] * (1 - figures["none"])
        if worth > best:
            best, best_gains = worth, gains
    contents = checkpoints.load(arguments.checkpoint)
    for layer, values in best_gains.items():
        apply_gains(network, layer, values)
    contents["average"]["network"] = network.state_dict()
    checkpoints.save(arguments.balanced, contents)


if __name__ == "__main__":
    main()
