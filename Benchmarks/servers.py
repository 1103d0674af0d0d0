"""Starts the servers under measurement, sends requests, reads their memory and stops them."""

import http.client
import io
import socket
import subprocess
import sys
import threading
import time
import uuid
from pathlib import Path

import numpy as np
from PIL import Image

import worker

HERE = Path(__file__).parent
PHOTO_SIZE = 640, 480
START_SECONDS = 120
ANSWER_SECONDS = 600


def photo_file():
    """A JPEG of the photo that all contenders dream."""
    pixels = np.rint((worker.photo(*PHOTO_SIZE) + 1) * 127.5).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, format="JPEG", quality=95)
    return file.getvalue()


class Server:
    """A server process on a free port of this machine."""

    def __init__(self, command, ready_path, ready_statuses=(200,)):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        command = [str(part) for part in (*command, "--port", self._port)]
        start = time.perf_counter()
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            self._wait_until_ready(ready_path, ready_statuses, start + START_SECONDS)
        except BaseException:
            self._process.kill()
            raise
        #: Seconds from the start of the process to the first answer that says it is ready.
        self.start_seconds = time.perf_counter() - start

    def _wait_until_ready(self, path, statuses, deadline):
        while time.perf_counter() < deadline:
            if self._process.poll() is not None:
                raise RuntimeError(f"{self._process.args} ended with status {self._process.returncode}")
            connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=5)
            try:
                connection.request("GET", path)
                if connection.getresponse().status in statuses:
                    return
            except OSError:
                pass
            finally:
                connection.close()
            time.sleep(0.001)
        raise RuntimeError(f"{self._process.args} is not ready after {START_SECONDS} s")

    def dream(self, photo, **fields):
        """Seconds from request to complete answer."""
        boundary = uuid.uuid4().hex
        parts = [
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in fields.items()
        ]
        disposition = 'Content-Disposition: form-data; name="image"; filename="photo.jpg"'
        parts.append(f"--{boundary}\r\n{disposition}\r\nContent-Type: image/jpeg\r\n\r\n".encode() + photo)
        body = b"".join(parts) + f"\r\n--{boundary}--\r\n".encode()
        headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=ANSWER_SECONDS)
        try:
            start = time.perf_counter()
            connection.request("POST", "/deepdream", body, headers)
            answer = connection.getresponse()
            dream = answer.read()
            seconds = time.perf_counter() - start
        finally:
            connection.close()
        if answer.status != 200:
            raise RuntimeError(f"status {answer.status}: {dream[:500].decode(errors='replace')}")
        Image.open(io.BytesIO(dream)).verify()
        return seconds

    def dream_at_once(self, count, photo, **fields):
        """Seconds until the last of several requests that start together is answered."""
        failures = []

        def ask():
            try:
                self.dream(photo, **fields)
            except Exception as error:
                failures.append(error)

        threads = [threading.Thread(target=ask) for _ in range(count)]
        start = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if failures:
            raise failures[0]
        return time.perf_counter() - start

    @property
    def peak_megabytes(self):
        """The server's peak resident memory."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        (line,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024 / 1e6

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.terminate()
        try:
            self._process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def ours(executable, *flags):
    return Server([executable, "serve", "--host", "127.0.0.1", "--result-cache-bytes", "0", *flags], "/readyz")


def flask(model):
    # It has no route for readiness, so any answer counts.
    return Server([sys.executable, HERE / "flask_baseline.py", "--model", model], "/", (404,))
