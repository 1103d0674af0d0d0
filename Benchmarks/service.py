"""Measures the service as users see it: whole requests, start-up, memory, a busy neighbour."""

import contextlib
import os
import pathlib
import statistics
import subprocess
import tempfile
import time

import servers
from contenders import Ours

AT_ONCE = 4
STARTS = 7
PLAN_RUNS = 20
#: More steps than the measurement that they disturb can last.
NEIGHBOUR_STEPS = 1999


def requests(executable, model, rounds, has_fast):
    """Sends the old program's request to the servers in turn: seconds, peak memory, and ratios of ours to theirs.

    If the processor has fast precision, a separate process of ours measures it, so that its memory is separate too.
    """
    photo = servers.photo_file()
    classic = {"preset": "classic"}
    with contextlib.ExitStack() as stack:
        running = {
            "ours": (stack.enter_context(servers.ours(executable, "--model", model)), classic),
            "flask": (stack.enter_context(servers.flask(model)), {}),
        }
        if has_fast:
            fast = stack.enter_context(servers.ours(executable, "--model", model))
            running["fast"] = (fast, classic | {"precision": "fast"})
        # TensorFlow compiles the step in the first request.
        for server, fields in running.values():
            server.dream(photo, **fields)
        one, at_once = [], []
        for turn in range(rounds):
            in_turn = [(name, *running[name]) for name in list(running)[:: -1 if turn % 2 else 1]]
            one.append({name: server.dream(photo, **fields) for name, server, fields in in_turn})
            at_once.append({name: server.dream_at_once(AT_ONCE, photo, **fields) for name, server, fields in in_turn})
        return {
            "one": _compared(one),
            "at_once": _compared(at_once),
            "peak_megabytes": {name: server.peak_megabytes for name, (server, _) in running.items()},
        }


def _compared(rounds):
    """The median seconds of each server, and the ratios of ours, in full and in fast precision, to Flask's."""
    result = {name: statistics.median(seconds[name] for seconds in rounds) for name in rounds[0]} | {"rounds": rounds}
    for name, key in (("ours", "ratio"), ("fast", "fast_ratio")):
        if name in rounds[0]:
            ratios = sorted(seconds[name] / seconds["flask"] for seconds in rounds)
            result[key] = {"median": statistics.median(ratios), "least": ratios[0], "greatest": ratios[-1]}
    return result


def plans(executable, model, threads, sizes, precisions):
    """The parts of a step: the report of `bench --plan` for each size and precision."""
    contender = Ours(executable, model, threads)
    return [
        contender.report(size, PLAN_RUNS, "--plan", "--precision", precision)
        for size in sizes
        for precision in precisions
    ]


def start_seconds(executable, model):
    """Median time from the start of our process to the first 200 of /readyz."""
    times = []
    for _ in range(STARTS):
        with servers.ours(executable, "--model", model) as server:
            times.append(server.start_seconds)
    return statistics.median(times)


def embedded(executable):
    """Seconds of a request of 512x384 to the embedded model: its own recipe, and 100 plain steps."""
    photo = servers.photo_file()
    with servers.ours(executable) as server:
        server.dream(photo, size="512x384", steps=1)
        return {
            "default": statistics.median(server.dream(photo, size="512x384") for _ in range(3)),
            "plain": statistics.median(server.dream(photo, size="512x384", preset="classic") for _ in range(3)),
            "peak_megabytes": server.peak_megabytes,
        }


def recipe_seconds(executable, model):
    """Median seconds of a request of 512x384 with the recipe that a model recommends."""
    photo = servers.photo_file()
    with servers.ours(executable, "--model", model) as server:
        server.dream(photo, size="512x384", steps=1)
        return statistics.median(server.dream(photo, size="512x384") for _ in range(3))


def large_megabytes(executable, model):
    """Peak memory of a process that takes a step at 2048x2048."""
    return Ours(executable, model, threads=os.cpu_count()).report((2048, 2048), 1)["peakMemoryMegabytes"]


def huge(executable, model):
    """Seconds and peak memory of dreams of 24 megapixels: of a small dream put back, and of one step in tiles."""
    with tempfile.TemporaryDirectory() as folder:
        photo, dream = pathlib.Path(folder, "photo.jpg"), pathlib.Path(folder, "dream.jpg")

        def measured(*arguments):
            command = [executable, "dream", *arguments, "--model", model, "--layers", "mixed3,mixed5", "--quiet"]
            start = time.monotonic()
            process = subprocess.Popen([str(part) for part in command])
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode:
                raise SystemExit(f"{command} ended with {process.returncode}")
            return {"seconds": time.monotonic() - start, "megabytes": usage.ru_maxrss / 1024}

        measured(photo, "--from", "noise", "--size", "6000x4000", "--steps", "0")
        restoring = ["--detail", "restore", "--size", "max:512", "--steps", "20"]
        return {
            "restored": measured(photo, dream, *restoring),
            "tiled": measured(photo, dream, "--size", "original", "--octaves", "1", "--steps", "1"),
        }


def neighbour(executable, model, threads, rounds):
    """How many times longer a step takes beside an equally busy process; quiet and busy turns alternate."""
    size, steps = (225, 225), 20
    contender = Ours(executable, model, threads)
    ratios = []
    for _ in range(rounds):
        quiet = contender.step_milliseconds(size, steps)
        with _busy_neighbour(executable, model, threads):
            ratios.append(contender.step_milliseconds(size, steps) / quiet)
    return {"median": statistics.median(ratios), "least": min(ratios), "greatest": max(ratios)}


@contextlib.contextmanager
def _busy_neighbour(executable, model, threads):
    command = [executable, "bench", "--model", model, "--threads", threads, "--steps", NEIGHBOUR_STEPS]
    process = subprocess.Popen([str(part) for part in command], stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.kill()
        process.wait()
