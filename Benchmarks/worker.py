"""The loop of a process that takes steps on command, so that libraries are loaded and warmed up only once.

Each line of standard input is a JSON object with `width`, `height` and `steps`; each is answered with one line: the
milliseconds of every step, and the objective before the last one.
"""

import argparse
import json
import os
import sys
import time

import numpy as np


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--precision", choices=("fp32", "bf16"), default="fp32")
    return parser.parse_args()


def photo(width, height):
    """Smooth waves in [-1, 1], as height x width x channel."""
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    waves = [(0.05, 0), (0.11, 1), (0.23, 2)]
    return np.stack([np.sin(f * x + p) * np.cos(f * y - p) for f, p in waves], axis=-1).astype(np.float32)


def serve(version, prepare):
    """Answers commands until standard input ends.

    `prepare(picture)` returns a function that takes one step from the picture that the previous step left, and
    returns the objective once the step is done.
    """
    # Libraries' output is redirected to standard error, so that standard output has only answers.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    print(json.dumps({"version": version}), file=answers)
    steps = {}
    for line in sys.stdin:
        command = json.loads(line)
        size = command["width"], command["height"]
        if size not in steps:
            steps = {size: prepare(photo(*size))}
        times = []
        for _ in range(command["steps"]):
            start = time.perf_counter()
            objective = steps[size]()
            times.append(1000 * (time.perf_counter() - start))
        print(json.dumps({"milliseconds": times, "objective": float(objective)}), file=answers)
