"""Sends a photo with requests as a form, as the body itself, in chunks, in JSON and as a job. usage: URL PHOTO"""

import base64
import pathlib
import sys
from urllib.parse import urljoin

import requests

url, photo = sys.argv[1], pathlib.Path(sys.argv[2])
recipe = {"steps": 1, "octaves": 1, "size": "max:90"}


def pieces():
    yield photo.read_bytes()[:1000]
    yield photo.read_bytes()[1000:]


answers = [
    requests.post(url, files={"image": ("Kätzchen.jpg", photo.read_bytes())}, data=recipe, timeout=600),
    requests.post(url, data=photo.read_bytes(), params=recipe, headers={"Content-Type": "image/jpeg"}, timeout=600),
    requests.post(url, data=pieces(), params=recipe, headers={"Content-Type": "image/jpeg"}, timeout=600),
    requests.post(url, json={"image": base64.b64encode(photo.read_bytes()).decode(), "recipe": recipe}, timeout=600),
]
job = requests.post(
    url.replace("/deepdream", "/jobs"),
    data=photo.read_bytes(),
    params=recipe,
    headers={"Content-Type": "image/jpeg"},
    timeout=600,
)
job.raise_for_status()
address = urljoin(url, job.headers["Location"])
with requests.get(f"{address}/events", stream=True, timeout=600) as events:
    assert b"event: done" in list(events.iter_lines())
answers.append(requests.get(f"{address}/result", timeout=600))
for answer in answers:
    answer.raise_for_status()
    assert answer.content == answers[0].content and answer.content[:2] == b"\xff\xd8"
print(len(answers), "dreams")
