"""Tests of the interface's description against the running service: `make test-api`.

The environment variable DEEPDREAM names the program.
"""

from __future__ import annotations

import base64
import http.server
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
import unittest
import urllib.request
from pathlib import Path
from typing import ClassVar

from openapi_spec_validator import validate_url
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from service import PATIENCE_SECONDS, PHOTO, Service

HERE = Path(__file__).parent
SCRIPTS = Path(sys.executable).parent


SECRET = "whsec_" + base64.b64encode(b"a secret of the tests alone").decode()


class Receiver(http.server.BaseHTTPRequestHandler):
    """Takes a callback at its second attempt."""

    messages: ClassVar[queue.Queue[tuple[dict[str, str], bytes]]] = queue.Queue()
    answers: ClassVar[list[int]] = [204, 500]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.messages.put((dict(self.headers), body))
        self.send_response(self.answers.pop())
        self.end_headers()

    def log_message(self, *arguments: object) -> None:
        pass


class APITests(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.receiver = http.server.HTTPServer(("127.0.0.1", 0), Receiver)
        threading.Thread(target=cls.receiver.serve_forever, daemon=True).start()
        cls.addClassCleanup(cls.receiver.shutdown)
        cls.service = Service(
            # Requests at random must not make the tests dream for hours.
            *("--deadline-seconds", "5", "--job-deadline-seconds", "5", "--max-output-pixels", "30000"),
            *("--callback-hosts", f"127.0.0.1:{cls.receiver.server_port}", "--callback-secret", SECRET),
        )
        cls.addClassCleanup(cls.service.close)

    def run_program(self, *arguments: str | Path, **environment: str) -> None:
        run = subprocess.run(
            [SCRIPTS / arguments[0], *arguments[1:]],
            cwd=HERE,
            env={**os.environ, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.assertEqual(run.returncode, 0, run.stdout)

    def test_description_follows_openapi_3_1(self) -> None:
        for file in ("openapi.yaml", "openapi.json"):
            with self.subTest(file=file):
                validate_url(f"{self.service.url}/{file}")

    def test_service_answers_as_described(self) -> None:
        self.run_program("schemathesis", "run", f"{self.service.url}/openapi.json", SCHEMATHESIS_HOOKS="hooks")

    def test_callbacks_are_standard_webhooks(self) -> None:
        query = f"size=96x72&steps=0&callback=http://127.0.0.1:{self.receiver.server_port}/hook"
        request = urllib.request.Request(
            f"{self.service.url}/jobs?{query}", PHOTO.read_bytes(), {"Content-Type": "image/jpeg"}
        )
        with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:
            job = json.load(answer)
        for _ in range(2):
            headers, body = Receiver.messages.get(timeout=PATIENCE_SECONDS)
            event = Webhook(SECRET).verify(body, headers)
            self.assertEqual((event["type"], event["data"]["id"]), ("job.done", job["id"]))
            with self.assertRaises(WebhookVerificationError):
                Webhook(SECRET).verify(body.replace(b"done", b"gone"), headers)

    def test_generated_client_dreams(self) -> None:
        with tempfile.TemporaryDirectory() as directory:
            self.generate_client(Path(directory))
            # Only this process sees the package, so that its imports can be relative to it.
            self.run_program("python", "generated_client.py", self.service.url, PHOTO, PYTHONPATH=directory)

    def generate_client(self, directory: Path) -> None:
        document = directory / "openapi.yaml"
        with urllib.request.urlopen(f"{self.service.url}/openapi.yaml") as answer:
            document.write_bytes(answer.read())
        self.run_program(
            "openapi-python-client",
            "generate",
            *("--path", document),
            *("--output-path", directory / "dream_client"),
            *("--meta", "none"),
            *("--config", "client.yaml"),
            "--fail-on-warning",
        )


if __name__ == "__main__":
    unittest.main(verbosity=2)
