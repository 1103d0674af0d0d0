"""Sends a photo with httpx as a form, as the body itself, in chunks and in JSON. usage: URL PHOTO"""

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
for answer in answers:
    answer.raise_for_status()
    assert answer.content == answers[0].content and answer.content[:2] == b"\xff\xd8"
print(len(answers), "dreams")
