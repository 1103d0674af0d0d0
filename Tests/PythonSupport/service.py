"""A service for the tests that are written in Python."""

from __future__ import annotations

import contextlib
import http.client
import http.server
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("DEEPDREAM", str(ROOT / ".build/release/deepdream"))
PHOTO = ROOT / "docs/images/coffee.jpg"
# A slow machine with other work.
PATIENCE_SECONDS = 240


class Service:
    """`deepdream serve` on a free port, which it keeps when it is started again."""

    def __init__(self, *flags: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.directory = tempfile.mkdtemp()
        self.flags = flags
        self.process: subprocess.Popen | None = None
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        arguments = [PROGRAM, "serve", "--host", "127.0.0.1", "--port", str(self.port), "--log-level", "warning"]
        # Stored jobs stay out of the user's directory.
        environment = {**os.environ, "DEEPDREAM_DATA_DIRECTORY": self.directory}
        self.process = subprocess.Popen([*arguments, *self.flags], env=environment)
        end = time.monotonic() + 60
        while True:
            try:
                urllib.request.urlopen(f"{self.url}/healthz", timeout=5).close()
                return
            except OSError:
                if time.monotonic() > end or self.process.poll() is not None:
                    raise
                time.sleep(0.1)

    def stop(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()

    def close(self) -> None:
        self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)


class Prefixed:
    """A proxy that has a service under a prefix, and keeps what the service does to itself, as in Config/."""

    def __init__(self, service: Service, prefix: str) -> None:
        class Handler(http.server.BaseHTTPRequestHandler):
            def forward(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length) if length else None
                is_private = self.path in (f"{prefix}/metrics", f"{prefix}/readyz")
                if is_private or not self.path.startswith(prefix + "/"):
                    self.send_error(404)
                    return
                upstream = http.client.HTTPConnection("127.0.0.1", service.port)
                with contextlib.closing(upstream):
                    try:
                        upstream.request(self.command, self.path.removeprefix(prefix), body, dict(self.headers))
                    except ConnectionRefusedError:
                        # Nobody answers, then.
                        self.close_connection = True
                        return
                    answer = upstream.getresponse()
                    self.send_response(answer.status)
                    for name, value in answer.getheaders():
                        if name not in ("Connection", "Transfer-Encoding"):
                            self.send_header(name, value)
                    self.end_headers()
                    while part := answer.read1(65536):
                        self.wfile.write(part)

            do_GET = do_POST = do_DELETE = forward  # noqa: N815

            def log_message(self, *arguments: object) -> None:
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{server.server_port}{prefix}"
