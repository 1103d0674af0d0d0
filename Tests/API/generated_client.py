"""Dreams with the client that was generated from the description: generated_client.py URL PHOTO."""

from __future__ import annotations

import io
import sys
import time
from pathlib import Path

from dream_client import Client
from dream_client.api.dreams import dream
from dream_client.api.jobs import job, job_result, submit_job
from dream_client.api.service import models
from dream_client.models import DreamFormat, Form, FormFormat, Job, JobState, Problem
from dream_client.types import File
from PIL import Image


def main() -> None:
    url, photo = sys.argv[1:]
    client = Client(base_url=url, timeout=120)

    def file() -> File:
        return File(io.BytesIO(Path(photo).read_bytes()), "photo.jpg", "image/jpeg")

    offered = models.sync(client=client)
    assert "steps" in {field.name for field in offered.fields}

    form = Form(image=file(), size="96x72", steps=1, octaves=1, format_=FormFormat.PNG, model="inception_v3_rendered")
    picture = dream.sync(client=client, body=form)
    assert isinstance(picture, File), picture
    assert Image.open(picture.payload).size == (96, 72)

    # The same as the body itself, with the recipe in the query, as a job.
    recipe = {"size": "96x72", "steps": 1, "octaves": 1, "model": "inception_v3_rendered"}
    submitted = submit_job.sync(client=client, body=file(), format_=DreamFormat.PNG, **recipe)
    assert isinstance(submitted, Job), submitted
    while (state := job.sync(submitted.id, client=client)).state in (JobState.WAITING, JobState.RUNNING):
        time.sleep(0.1)
    assert state.state is JobState.DONE, state
    result = job_result.sync(submitted.id, client=client)
    picture.payload.seek(0)
    assert result.payload.read() == picture.payload.read()

    problem = dream.sync(client=client, body=file(), steps=100000)
    assert isinstance(problem, Problem) and problem.field == "steps", problem


main()
