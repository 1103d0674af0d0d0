"""A contact sheet of samples of every motif, with names.

python -m deepdream_training.sample_sheet --out sheet.png --samples 4 [--drawings] [--motifs eye rose]
"""

import argparse
from pathlib import Path

import cv2
import numpy as np

from .motifs import motif_names, motifs
from .scenes import render_scene


def drawing(motif: int, seed: int, size: int) -> np.ndarray:
    """The motif alone; objects on grey."""
    drawn = motifs()[motif].draw(np.random.default_rng([motif, seed]), size)
    if isinstance(drawn, tuple):
        rgb, alpha = drawn
        drawn = 0.5 + (rgb - 0.5) * alpha[..., None]
    return (np.clip(drawn, 0, 1) * 255 + 0.5).astype(np.uint8)


def strip(motif: int, samples: int, size: int, seed: int, bare: bool) -> np.ndarray:
    """A row of samples of one motif, with its name on the first."""
    draw = drawing if bare else lambda *arguments: render_scene(*arguments).picture
    row = np.hstack([draw(motif, seed + sample, size) for sample in range(samples)])
    row[-1], row[:, -1] = 255, 255
    row = np.ascontiguousarray(row)
    for colour, thickness in (((0, 0, 0), 3), ((255, 255, 255), 1)):
        cv2.putText(row, motif_names()[motif], (4, 14), cv2.FONT_HERSHEY_SIMPLEX, 0.45, colour, thickness)
    return row


def sheet(indices: list[int], samples: int, size: int, seed: int, bare: bool, columns: int) -> np.ndarray:
    strips = [strip(motif, samples, size, seed, bare) for motif in indices]
    blank = np.zeros_like(strips[0])
    strips += [blank] * (-len(strips) % columns)
    rows = [np.hstack(strips[start : start + columns]) for start in range(0, len(strips), columns)]
    return np.vstack(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description="Draws a contact sheet of the motifs.")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--samples", type=int, default=4)
    parser.add_argument("--size", type=int, default=160)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--columns", type=int, default=3)
    parser.add_argument("--drawings", action="store_true", help="motifs alone instead of scenes")
    parser.add_argument("--motifs", nargs="*", default=[], help="names of motifs (default: all)")
    options = parser.parse_args()
    indices = [motif_names().index(name) for name in options.motifs or motif_names()]
    picture = sheet(indices, options.samples, options.size, options.seed, options.drawings, options.columns)
    cv2.imwrite(str(options.out), cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))


if __name__ == "__main__":
    main()
