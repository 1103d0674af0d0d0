"""Renders a pool of scenes into memory-mapped files, in chunks, so that training can start before it is complete.

    python -m deepdream_training.pool --out DIR --scenes N --size 160 --processes 2 --seed 0

The folder then holds `pictures.npy` (uint8, N × size × size × 3), `labels.npy` (uint8,
N × size/8 × size/8: the most frequent label of each 8 × 8 block), `motifs.npy` (uint8, the main motif
of each scene) and
`manifest.json`, whose `complete` is the number of finished scenes, counted from the first. Motifs alternate, so every
part of the pool contains all of them. An interrupted run continues where it stopped.
"""

import argparse
import json
import os
import time
from dataclasses import asdict, dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from .scenes import check_motifs, motif_names, render_scene

BLOCK = 8
CHUNK = 512


@dataclass
class Manifest:
    scenes: int
    size: int
    seed: int
    motifs: list[str]
    complete: int = 0

    def save(self, folder: Path) -> None:
        """Replaces the file atomically, so that a reader never sees an incomplete one."""
        temporary = folder / "manifest.json.partial"
        temporary.write_text(json.dumps(asdict(self), indent=1) + "\n")
        temporary.replace(folder / "manifest.json")

    @staticmethod
    def load(folder: Path) -> "Manifest | None":
        path = folder / "manifest.json"
        return Manifest(**json.loads(path.read_text())) if path.exists() else None


def block_majority(labels: np.ndarray, block: int = BLOCK) -> np.ndarray:
    """The most frequent label of every block; the smallest of equally frequent ones."""
    rows, columns = labels.shape[0] // block, labels.shape[1] // block
    present = np.unique(labels)
    blocks = labels[: rows * block, : columns * block].reshape(rows, block, columns, block)
    counts = np.stack([(blocks == label).sum((1, 3)) for label in present])
    return present[counts.argmax(0)]


def scene_at(position: int, seed: int, size: int) -> tuple[np.ndarray, np.ndarray, int]:
    """The picture, block labels and main motif of the pool's scene at this position."""
    motif = position % len(motif_names())
    scene = render_scene(motif, seed * 10**8 + position, size)
    return scene.picture, block_majority(scene.labels), motif


def render_pool(folder: Path, scenes: int, size: int, processes: int, seed: int) -> None:
    check_motifs()
    folder.mkdir(parents=True, exist_ok=True)
    wanted = Manifest(scenes, size, seed, motif_names())
    manifest = Manifest.load(folder)
    resumed = manifest is not None
    if manifest is None:
        manifest = wanted
    elif asdict(manifest) != {**asdict(wanted), "complete": manifest.complete}:
        raise SystemExit(f"{folder} contains a different pool; delete it or choose another folder")
    files = _open_files(folder, scenes, size, resumed)
    manifest.save(folder)
    _render_chunks(folder, manifest, files, processes)


def _open_files(folder: Path, scenes: int, size: int, resumed: bool) -> list[np.memmap]:
    shapes = {
        "pictures": (scenes, size, size, 3),
        "labels": (scenes, size // BLOCK, size // BLOCK),
        "motifs": (scenes,),
    }
    return [
        np.lib.format.open_memmap(folder / f"{name}.npy", "r+")
        if resumed
        else np.lib.format.open_memmap(folder / f"{name}.npy", "w+", np.uint8, shape)
        for name, shape in shapes.items()
    ]


def _render_chunks(folder: Path, manifest: Manifest, files: list[np.memmap], processes: int) -> None:
    begun, first = time.monotonic(), manifest.complete
    render = partial(scene_at, seed=manifest.seed, size=manifest.size)
    with get_context("spawn").Pool(processes) as workers:
        while manifest.complete < manifest.scenes:
            chunk = range(manifest.complete, min(manifest.complete + CHUNK, manifest.scenes))
            for position, parts in zip(chunk, workers.imap(render, chunk, 16), strict=True):
                for file, part in zip(files, parts, strict=True):
                    file[position] = part
            for file in files:
                file.flush()
            manifest.complete = chunk.stop
            manifest.save(folder)
            speed = (manifest.complete - first) / (time.monotonic() - begun)
            print(f"{manifest.complete} of {manifest.scenes} scenes, {speed:.0f} a second", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="Renders a pool of scenes.")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--scenes", type=int, required=True)
    parser.add_argument("--size", type=int, default=160)
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    render_pool(options.out, options.scenes, options.size, options.processes, options.seed)


if __name__ == "__main__":
    main()
