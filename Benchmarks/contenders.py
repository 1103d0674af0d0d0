"""The contenders: each takes gradient steps at a given size on command."""

import contextlib
import json
import statistics
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


class Ours:
    """`deepdream bench`, one process for each batch of steps; its first step is not measured."""

    def __init__(self, executable, model, threads, *options, name="deepdream"):
        self.name = name
        self._command = [executable, "bench", "--model", model, "--threads", threads, *options, "--json"]

    def step_milliseconds(self, size, steps):
        """The median time of a step."""
        return self.report(size, steps)["medianStepMilliseconds"]

    def report(self, size, steps, *options):
        command = [*self._command, "--size", f"{size[0]}x{size[1]}", "--steps", steps, *options]
        return json.loads(subprocess.check_output([str(part) for part in command]))

    def close(self):
        pass


class Peer:
    """A worker process (see worker.py) that stays alive between batches."""

    def __init__(self, name, script, model, threads, *options):
        self.name = name
        command = [sys.executable, HERE / script, "--model", model, "--threads", threads, *options]
        self._process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            bufsize=1,
        )
        self.version = self._answer()["version"]
        #: The objective before the latest step, by size: contenders of one network must agree on it.
        self.objectives = {}

    def step_milliseconds(self, size, steps):
        """The median time of a step; the first step is not counted."""
        command = {"width": size[0], "height": size[1], "steps": steps + 1}
        print(json.dumps(command), file=self._process.stdin, flush=True)
        answer = self._answer()
        self.objectives[size] = answer["objective"]
        return statistics.median(answer["milliseconds"][1:])

    def _answer(self):
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.name} ended with status {self._process.wait()}")
        return json.loads(line)

    def close(self):
        self._process.stdin.close()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()


def openblas(executable, model, threads):
    return Ours(executable, model, threads, "--backend", "openblas", name="openblas")


def fast(executable, model, threads, *options):
    return Ours(executable, model, threads, "--precision", "fast", *options, name="deepdream fast")


def tensorflow(model, threads):
    return Peer("tensorflow", "tensorflow_worker.py", model, threads)


def pytorch(model, threads):
    return Peer("pytorch", "pytorch_worker.py", model, threads)


def pytorch_bf16(model, threads):
    return Peer("pytorch bf16", "pytorch_worker.py", model, threads, "--precision", "bf16")


@contextlib.contextmanager
def running(make):
    """Starts contenders with a list of functions, and always ends them afterwards."""
    with contextlib.ExitStack() as stack:
        contenders = []
        for start in make:
            contender = start()
            stack.callback(contender.close)
            contenders.append(contender)
        yield contenders
