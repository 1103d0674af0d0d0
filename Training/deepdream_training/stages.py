"""The stages of training and the loop that runs one.

    python -m deepdream_training.stages shapes --pool POOL --output RUN

A stage starts from the averaged weights of the stage before it, or continues from its own checkpoint. Its length is a
number of pictures, not a time.
"""

import argparse
import math
import pathlib
import time
from dataclasses import dataclass, field, replace

import torch

from . import checkpoints
from .augmentation import Augmentation, Batch, CropLoader
from .dataset import SceneSet
from .network import LAYERS, MOMENTUM, InceptionV3, Widths
from .objectives.attack import attacked
from .objectives.evidence import EVIDENCE_LAYER, TrainingHeads
from .objectives.losses import batch_losses, targets_at
from .objectives.negatives import TEXTURE_LAYER, DreamNegatives, Objectives, References
from .team import Team, alone, run_team

#: The network that is exported.
WIDTHS = Widths(body=0.3125, tail=0.25, minimum=16)
AVERAGE_DECAY = 0.997
#: On how many empty pictures a step looks for silent channels.
WAKING_PICTURES = 8
JUDGE_WIDTHS = Widths(body=0.34, tail=0.25)


@dataclass(frozen=True)
class Stage:
    """The settings of a stage.

    `radius` is the length of the adversarial steps for half of each batch, reached after the fraction `radius_warm_up`
    of the stage. `negatives` is the weight of dream negatives, and `hold` that of the loss that holds up the response
    to real motifs; both need `frozen` BatchNorm statistics, because dreams would exploit changing ones. `objectives`
    are the objectives of the negatives. `waking`, for stages with negatives, is the weight of the loss against silent
    motifs. Only every `tail_every`-th step includes mixed8 to mixed10.
    """

    name: str
    after: str | None
    pictures: int
    rate: float
    size: int = 128
    batch: int = 64
    frozen: bool = False
    radius: float = 0.0
    radius_warm_up: float = 0.2
    negatives: float = 0.0
    hold: float = 1.0
    negatives_visit: int = 16
    objectives: Objectives = field(default_factory=Objectives)
    waking: float = 0.0
    noise: float = 0.3
    decay: float = 0.05
    seed: int = 1
    widths: Widths = WIDTHS
    tail_every: int = 1


STAGES = {
    stage.name: stage
    for stage in (
        Stage("glimpse", None, pictures=100_000, rate=3e-3, size=96, noise=0.15, seed=4),
        Stage("shapes", "glimpse", pictures=70_000, rate=2.5e-3, seed=2),
        Stage(
            "dreams",
            "shapes",
            pictures=720_000,
            rate=1.2e-3,
            frozen=True,
            radius=3.0,
            negatives=0.5,
            tail_every=3,
            seed=3,
        ),
        Stage(
            "names",
            "dreams",
            pictures=280_000,
            rate=8e-4,
            frozen=True,
            radius=3.0,
            radius_warm_up=0.05,
            negatives=0.5,
            negatives_visit=24,
            objectives=Objectives(everything=0.25, motifs=0.7, most_motifs=1),
            waking=8.0,
            tail_every=3,
            seed=5,
        ),
        Stage("judge", None, pictures=200_000, rate=3e-3, size=96, noise=0.15, seed=1, widths=JUDGE_WIDTHS),
    )
}


class Training:
    """The state of one stage: network, heads and optimiser."""

    def __init__(self, stage: Stage, scenes: SceneSet, team: Team | None = None):
        torch.manual_seed(stage.seed)
        self.stage, self.scenes, self.team = stage, scenes, team or alone()
        self.network = InceptionV3(stage.widths).to(memory_format=torch.channels_last)
        self.heads = TrainingHeads(self.network, len(scenes.motif_names))
        self.modules = {"network": self.network, "heads": self.heads}
        self.optimiser = torch.optim.AdamW(self._parameter_groups(), lr=stage.rate, betas=(0.9, 0.98), fused=True)
        self.done = 0
        self.negatives: DreamNegatives | None = None
        self.log: list[str] = []

    def _parameter_groups(self) -> list[dict]:
        parameters = [p for module in self.modules.values() for p in module.parameters()]
        return [
            {"params": [p for p in parameters if p.ndim > 1], "weight_decay": self.stage.decay},
            {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0},
        ]

    def begin(self, previous: pathlib.Path | None) -> None:
        """Starts from the averaged weights of the previous stage."""
        if previous is not None:
            network, heads, _ = checkpoints.averaged_network(previous)
            self.network.load_state_dict(network.state_dict())
            self.heads.load_state_dict(heads.state_dict())
        self._prepare()
        if self.stage.frozen:
            # Weights that were trained with constant statistics need these statistics.
            if not STAGES[self.stage.after].frozen:
                self._measure_norms()
            self.network.freeze_norms()

    @torch.no_grad()
    def _measure_norms(self, batches: int = 40) -> None:
        """Measures BatchNorm's statistics for the averaged weights; averaged statistics are only close to them."""
        norms = [unit.norm for unit in self.network.units().values()]
        for norm in norms:
            norm.reset_running_stats()
            norm.momentum = None
        for _ in range(batches):
            with torch.autocast("cpu", torch.bfloat16):
                self.network.layers(self.loader.next().pictures)
        for norm in norms:
            norm.momentum = MOMENTUM
        self.team.average(b for b in self.network.buffers() if b.is_floating_point())
        self.averages["network"] = checkpoints.Average(self.network, AVERAGE_DECAY)

    def _prepare(self) -> None:
        torch.manual_seed(100 * self.stage.seed + self.team.rank)
        self.averages = {name: checkpoints.Average(module, AVERAGE_DECAY) for name, module in self.modules.items()}
        augmentation = Augmentation(size=self.stage.size, noise=self.stage.noise)
        seed = [self.stage.seed, self.done, self.team.rank]
        self.loader = CropLoader(self.scenes, self.stage.batch // self.team.workers, augmentation, seed)

    def resume(self, path: pathlib.Path) -> None:
        """Continues from this stage's own checkpoint."""
        contents = checkpoints.load(path)
        self.done = contents["done"]
        for name, module in self.modules.items():
            module.load_state_dict(contents["current"][name])
        self.optimiser.load_state_dict(contents["optimiser"])
        self._prepare()
        if self.stage.frozen:
            self.network.freeze_norms()
        for name, average in self.averages.items():
            average.tensors, average.steps = contents["average"][name], contents["average_steps"]
        members = contents["members"]
        if members[0]["negatives"]:
            self._make_negatives(References(*members[0]["negatives"]["references"]))
        # A process that is new to the team starts its own dreams.
        if self.team.rank < len(members):
            own = members[self.team.rank]
            torch.set_rng_state(own["random"])
            if self.negatives:
                self.negatives.load(own["negatives"])

    def save(self, *paths: pathlib.Path) -> None:
        """Writes checkpoints; each process of the team calls this, to save its dreams and random numbers."""
        members = self.team.gathered({
            "random": torch.get_rng_state(), "negatives": self.negatives.state() if self.negatives else None,
        })  # fmt: skip
        if self.team.rank > 0:
            return
        contents = checkpoints.description(self.network, self.scenes.motif_names) | {
            "stage": self.stage.name,
            "done": self.done,
            "current": {name: module.state_dict() for name, module in self.modules.items()},
            "average": {name: average.tensors for name, average in self.averages.items()},
            "average_steps": self.averages["network"].steps,
            "optimiser": self.optimiser.state_dict(),
            "members": members,
        }
        for path in paths:
            checkpoints.save(path, contents)

    @property
    def progress(self) -> float:
        return self.done / self.stage.pictures

    def step(self) -> dict[str, float]:
        """Takes one step of the optimiser; returns numbers for the log."""
        stage = self.stage
        for group in self.optimiser.param_groups:
            group["lr"] = stage.rate * rate_factor(self.progress)
        batch = self.loader.next()
        self.optimiser.zero_grad(set_to_none=True)
        shown = self._attacked_half(batch) if stage.radius > 0 else batch
        with torch.autocast("cpu", torch.bfloat16):
            losses = batch_losses(self.network, self.heads, shown, self._last_layer())
        total, excess, short, silent = losses.total, 0.0, 0.0, 0.0
        if stage.negatives > 0:
            if self.negatives is None:
                self._make_negatives(self.measured_references())
            held = self.negatives.hold(losses)
            total, short = total + stage.hold * held, held.item()
            if stage.waking > 0:
                silence = self.negatives.silence(self.network, WAKING_PICTURES // self.team.workers)
                total, silent = total + stage.waking * silence, silence.item()
        total.backward()
        if stage.negatives > 0:
            weight = stage.negatives * min(1, self.progress / 0.05)
            excess = self.negatives.loss(self.network, batch.pictures, weight)
        self._share()
        torch.nn.utils.clip_grad_norm_([p for m in self.modules.values() for p in m.parameters()], 5.0)
        self.optimiser.step()
        for name, module in self.modules.items():
            self.averages[name].update(module)
        self.done += len(batch.pictures) * self.team.workers
        return {
            "loss": losses.total.item(), "evidence": losses.evidence.item(), "right": losses.right,
            "mixed3": losses.activity["mixed3"].item(), "mixed5": losses.activity[EVIDENCE_LAYER].item(),
            "excess": excess, "short": short, "silent": silent,
        }  # fmt: skip

    def _last_layer(self) -> str:
        number = self.done // self.stage.batch
        return LAYERS[-1] if number % self.stage.tail_every == 0 else LAYERS[7]

    def _share(self) -> None:
        """Averages gradients and BatchNorm's statistics over the team, so that all its networks stay equal."""
        gradients = [p.grad for m in self.modules.values() for p in m.parameters() if p.grad is not None]
        statistics = [b for b in self.network.buffers() if b.is_floating_point()]
        self.team.average([*gradients, *statistics])

    def _attacked_half(self, batch: Batch) -> Batch:
        radius = self.stage.radius * min(1, self.progress / self.stage.radius_warm_up)
        half = len(batch.pictures) // 2
        first = Batch(batch.pictures[:half], batch.labels[:half], batch.motifs[:half])
        moved = attacked(self.network, self.heads, first, radius)
        pictures = torch.cat([moved.pictures, batch.pictures[half:]]).contiguous(memory_format=torch.channels_last)
        return Batch(pictures, batch.labels, batch.motifs)

    @torch.no_grad()
    def measured_references(self, batches: int = 24) -> References:
        """What crops of the pool excite at the start. Never updated: with a moving reference, everything collapses."""
        sums, counts = torch.zeros(self.heads.motifs), torch.zeros(self.heads.motifs)
        anywhere, texture = torch.zeros(self.heads.motifs), 0.0
        for _ in range(batches):
            batch = self.loader.next()
            with torch.autocast("cpu", torch.bfloat16):
                layers = self.network.layers(batch.pictures, EVIDENCE_LAYER)
            evidence = self.heads.evidence(layers[EVIDENCE_LAYER])
            targets = targets_at(EVIDENCE_LAYER, batch.labels, layers[EVIDENCE_LAYER].shape, self.heads.motifs)
            for motif in range(self.heads.motifs):
                found = evidence[..., motif][targets == motif]
                sums[motif] += found.sum()
                counts[motif] += found.numel()
            anywhere += evidence.mean((0, 1, 2)) / batches
            texture += layers[TEXTURE_LAYER].float().mean().item() / batches
        levels = sums / counts.clamp(min=1)
        return References(levels.clamp(min=0.3 * levels.mean().item()), anywhere, texture)

    def _make_negatives(self, references: References) -> None:
        self.negatives = DreamNegatives(
            self.heads, references, self.network.channels[TEXTURE_LAYER], self.stage.size, count=512,
            visit=self.stage.negatives_visit // self.team.workers, seed=10 * self.stage.seed + self.team.rank,
            objectives=self.stage.objectives,
        )  # fmt: skip


def rate_factor(progress: float) -> float:
    """The learning rate's factor: a short warm-up, then a cosine down to 1 %."""
    return min(1, progress / 0.03 + 0.02) * (0.5 * (1 + math.cos(math.pi * min(1, progress))) + 0.01)


def run(training: Training, folder: pathlib.Path, save_every: int) -> None:
    """Trains to the end of the stage. Logs a line every 50 steps and writes numbered checkpoints at intervals."""
    stage, averages, steps = training.stage, {}, 0
    started, saved = time.process_time(), training.done
    leads = training.team.rank == 0
    while training.done < stage.pictures:
        for name, value in training.step().items():
            averages[name] = 0.95 * averages.get(name, value) + 0.05 * value
        steps += 1
        if leads and steps % 50 == 0:
            numbers = " ".join(f"{name} {value:.3f}" for name, value in averages.items())
            print(f"{stage.name} {training.done} cpu {time.process_time() - started:.0f} s {numbers}", flush=True)
        if training.done - saved >= save_every:
            saved = training.done
            numbered = folder / "history" / f"{stage.name}-{training.done:07d}.pt"
            training.save(folder / f"{stage.name}.pt", numbered)
    training.save(folder / f"{stage.name}.pt")


def work(team: Team, stage: Stage, pool: pathlib.Path, folder: pathlib.Path, save_every: int) -> None:
    """The work of each process."""
    training = Training(stage, SceneSet(pool), team=team)
    own = folder / f"{stage.name}.pt"
    if own.exists():
        training.resume(own)
    else:
        training.begin(folder / f"{stage.after}.pt" if stage.after else None)
    run(training, folder, save_every)


def main() -> None:
    parser = argparse.ArgumentParser(description="Runs or resumes one stage of training.")
    parser.add_argument("stage", choices=STAGES)
    parser.add_argument("--pool", type=pathlib.Path, required=True)
    parser.add_argument("--output", type=pathlib.Path, required=True, help="folder for checkpoints")
    parser.add_argument("--scale", type=float, default=1, help="multiplies the stage's length, for trials")
    parser.add_argument("--workers", type=int, default=2, help="number of processes, each with one thread")
    parser.add_argument("--save-every", type=int, default=40_000, help="pictures between checkpoints")
    arguments = parser.parse_args()
    stage = STAGES[arguments.stage]
    stage = replace(stage, pictures=int(stage.pictures * arguments.scale))
    run_team(arguments.workers, work, stage, arguments.pool, arguments.output, arguments.save_every)


if __name__ == "__main__":
    main()
