"""Tests of the interface's description against the running service: `make test-api`.

The environment variable DEEPDREAM names the program.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import unittest
import urllib.request
from pathlib import Path

from openapi_spec_validator import validate_url

from service import PHOTO, Service

HERE = Path(__file__).parent
SCRIPTS = Path(sys.executable).parent


class APITests(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        # Requests at random must not make the tests dream for hours.
        cls.service = Service("--deadline-seconds", "5", "--job-deadline-seconds", "5", "--max-output-pixels", "20000")
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
