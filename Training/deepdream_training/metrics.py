"""Measures the variety, grain and colour of dreams.

python -m deepdream_training.metrics NETWORK … --judge RUN/judge.pt
"""

import argparse
import json
import pathlib
from dataclasses import replace

import torch

from . import checkpoints, dreaming, export, pictures, sheets
from .judge import Judge
from .network import InceptionV3
from .objectives.evidence import EVIDENCE_LAYER

#: The old program's recipe, the prototype's recommendation, and this network's.
RECIPES = {"plain": dreaming.PLAIN, "octaves": dreaming.OCTAVES, "recommended": dreaming.RECOMMENDED}
#: A motif counts as shown in a picture if it wins at this share of the picture's positions.
SHOWN = 0.04
GRAINY = 0.25


def entropy(shares: torch.Tensor) -> float:
    """The entropy, in nats, of shares that sum to 1."""
    shares = shares[shares > 0]
    return float(-(shares * shares.log()).sum())


def variety(probabilities: torch.Tensor) -> dict:
    """Measures variety from a judge's probabilities N×h×w×(motifs + 1); positions won by "none" are ignored.

    `entropy` is that of the winning motifs over the positions of all pictures, `kinds` the mean number of motifs shown
    in a picture, and `least` their number in the picture with the fewest.
    """
    motifs = probabilities.shape[-1] - 1
    winners = probabilities.argmax(-1).flatten(1)
    counts = torch.stack([torch.bincount(row, minlength=motifs + 1)[:motifs] for row in winners]).float()
    shares = counts / winners.shape[1]
    kinds = (shares >= SHOWN).sum(1)
    total = counts.sum(0) / counts.sum().clamp(min=1)
    top = total.topk(min(6, motifs))
    return {
        "entropy": round(entropy(total), 3),
        "kinds": round(kinds.float().mean().item(), 2),
        "least": int(kinds.min()),
        "kinds_all": int((total >= 0.02).sum()),
        "none": round(1 - shares.sum(1).mean().item(), 3),
        "top": list(zip(top.indices.tolist(), (round(value, 3) for value in top.values.tolist()), strict=True)),
    }


def grain(before: torch.Tensor, after: torch.Tensor) -> float:
    """The share of the change's energy above a quarter of the sampling frequency, over pictures N×3×H×W."""
    power = torch.fft.fft2(after - before).abs().square().sum((0, 1))
    rows, columns = (torch.fft.fftfreq(side).abs() for side in power.shape)
    high = torch.maximum(rows[:, None], columns[None]) > GRAINY
    return round(float(power[high].sum() / power.sum()), 4)


def colour(before: torch.Tensor, after: torch.Tensor) -> dict:
    """The chroma that dreams add (mean distance from grey, in [-1, 1]), and colour's share of the change."""

    def chroma(values: torch.Tensor) -> torch.Tensor:
        return (values - values.mean(1, keepdim=True)).norm(dim=1)

    change = after - before
    share = chroma(change).mean() / change.norm(dim=1).mean()
    return {
        "chroma_added": round(float(chroma(after).mean() - chroma(before).mean()), 4),
        "colour_share": round(float(share), 3),
    }


def measured(network: InceptionV3, judge: Judge, start: torch.Tensor, recipe: dreaming.Recipe) -> dict:
    """All measurements of a network's dreams with a recipe."""
    dreams = dreaming.dream_tensor(network, start, recipe)
    figures = variety(judge.probabilities(dreams))
    figures["top"] = [f"{judge.motif_names[motif]} {share}" for motif, share in figures["top"]]
    return figures | {"grain": grain(start, dreams)} | colour(start, dreams)


def named(network: InceptionV3, judge: Judge) -> dict:
    """For how many motifs the judge's first guess, and one of its first three, is right in a dream of that motif."""
    motifs = len(judge.motif_names)
    weights = sheets.motif_weights(motifs, network.channels[EVIDENCE_LAYER])
    found = torch.cat([dreaming.exciting(network, part, EVIDENCE_LAYER) for part in weights.split(17)])
    seen = judge.probabilities(found)[..., :-1].mean((1, 2))
    ranks = (seen > seen.diagonal()[:, None]).sum(1)
    return {"first": int((ranks == 0).sum()), "among_three": int((ranks < 3).sum()), "motifs": motifs}


def network_of(path: pathlib.Path) -> InceptionV3:
    """The network of a checkpoint or of a model file."""
    return export.read(path)[0] if path.suffix == ".safetensors" else checkpoints.averaged_network(path)[0]


def main() -> None:
    parser = argparse.ArgumentParser(description="Measures the dreams of networks on the judged pictures.")
    parser.add_argument("networks", type=pathlib.Path, nargs="+", help="checkpoints or model files")
    parser.add_argument("--judge", type=pathlib.Path, required=True)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--named", action="store_true", help="only count the motifs that the judge recognises")
    parser.add_argument("--quick", action="store_true", help="small dreams of few steps, as a smoke test")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    judge = Judge.load(arguments.judge)
    start = sheets.tensor_of(pictures.judged(), *((112, 96) if arguments.quick else (384, 288)))
    for path in arguments.networks:
        network = network_of(path)
        if arguments.named:
            print(json.dumps({"network": path.name} | named(network, judge)))
            continue
        for name, recipe in RECIPES.items():
            recipe = replace(recipe, steps=2) if arguments.quick else recipe
            print(json.dumps({"network": path.name, "recipe": name} | measured(network, judge, start, recipe)))


if __name__ == "__main__":
    main()
