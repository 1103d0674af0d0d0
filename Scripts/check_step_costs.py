"""Counts the instructions and allocations of a gradient step, and fails if a step costs more than its limit.

    python3 Scripts/check_step_costs.py .build/release/deepdream

The command runs twice under valgrind's callgrind, the second time with more steps. The difference is what those steps
cost, without starting, loading and planning. This is done for plain steps and for steps of the embedded model's
recommended recipe, which has bands and jitter. valgrind emulates an AVX2 processor on every x86-64 machine, so counts
hardly differ between machines; another compiler changes them by a few percent. Other architectures get other plans, so
only allocations are checked there. Needs valgrind and binutils.
"""

import argparse
import os
import platform
import re
import subprocess
import sys
import tempfile
from pathlib import Path

SIZE = "128x96"
FEWER_STEPS, MORE_STEPS = 2, 5
#: Flags of `bench`, and how many million instructions a step of the embedded model may take on one thread; ten percent
#: above the measured count. Lower the limit when a step becomes cheaper; raise it only with a reason.
STEPS = {"a plain step": ([], 29.1), "a step of its own recipe": (["--recommended"], 35.6)}
ALLOCATORS = {"malloc", "calloc", "realloc", "aligned_alloc", "posix_memalign", "memalign"}


def costs(executable, flags, steps, directory):
    """Instructions and calls of allocators of a whole run."""
    output = directory / f"callgrind.{steps}"
    command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={output}", executable, "bench", *flags]
    command += ["--size", SIZE, "--threads", "1", "--steps", str(steps)]
    # Random hash seeds would make two runs differ by an allocation or two.
    environment = os.environ | {"SWIFT_DETERMINISTIC_HASHING": "1"}
    finished = subprocess.run(command, capture_output=True, text=True, env=environment)
    if finished.returncode:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{finished.stderr}")
    return parsed(output.read_text())


def parsed(text):
    """The totals of callgrind's output. It gives a function's name once, as `(7) malloc`, and then only the `(7)`."""
    names, allocations, callee = {}, 0, None
    for line in text.splitlines():
        if match := re.match(r"c?fn=(\(\d+\))(?: (.*))?$", line):
            if match[2]:
                names[match[1]] = match[2]
            callee = names[match[1]].split("@")[0]
        elif match := re.match(r"calls=(\d+)", line):
            # The line before it named the called function.
            allocations += int(match[1]) * (callee in ALLOCATORS)
    return int(re.search(r"^(?:totals|summary): (\d+)", text, re.MULTILINE)[1]), allocations


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("executable")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        # valgrind fails on debugging information of formats newer than itself.
        stripped = Path(name, "deepdream")
        subprocess.run(["strip", "-g", "-o", stripped, arguments.executable], check=True)
        has_failed = False
        for title, (flags, limit) in STEPS.items():
            fewer, more = (costs(stripped, flags, steps, Path(name)) for steps in (FEWER_STEPS, MORE_STEPS))
            instructions, allocations = ((b - a) / (MORE_STEPS - FEWER_STEPS) for a, b in zip(fewer, more, strict=True))
            instructions /= 1e6
            print(f"{title} at {SIZE}: {instructions:.2f} million instructions, at most {limit} allowed")
            print(f"{title} after the first: {allocations:.2f} allocations; less than one in each allowed")
            has_failed |= allocations >= 1 or (platform.machine() == "x86_64" and instructions > limit)
    sys.exit(has_failed)


if __name__ == "__main__":
    main()
