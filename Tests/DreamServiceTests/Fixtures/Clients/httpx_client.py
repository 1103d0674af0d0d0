"""Sends a photo with httpx as a form, as the body itself, in chunks, in JSON and as a job. usage: URL PHOTO"""

import base64
import pathlib
import sys

import httpx

url, photo = sys.argv[1], pathlib.Path(sys.argv[2])
recipe = {"steps": 1, "octaves": 1, "size": "max:90"}
jpeg = {"Content-Type": "image/jpeg"}


def pieces():
    yield photo.read_bytes()[:1000]
    yield photo.read_bytes()[1000:]


with httpx.Client(timeout=600) as client:
    answers = [
        client.post(url, files={"image": ("Kätzchen.jpg", photo.read_bytes())}, data=recipe),
        client.post(url, content=photo.read_bytes(), params=recipe, headers=jpeg),
        client.post(url, content=pieces(), params=recipe, headers=jpeg),
        client.post(url, json={"image": base64.b64encode(photo.read_bytes()).decode(), "recipe": recipe}),
    ]
    job = client.post(url.replace("/deepdream", "/jobs"), content=photo.read_bytes(), params=recipe, headers=jpeg)
    job.raise_for_status()
    address = str(httpx.URL(url).join(job.headers["Location"]))
    with client.stream("GET", f"{address}/events") as events:
        # Older versions keep the lines' ends.
        lines = [line.rstrip() for line in events.iter_lines()]
        assert "event: done" in lines, lines
    answers.append(client.get(f"{address}/result"))
for answer in answers:
    answer.raise_for_status()
    assert answer.content == answers[0].content and answer.content[:2] == b"\xff\xd8"
print(len(answers), "dreams")
