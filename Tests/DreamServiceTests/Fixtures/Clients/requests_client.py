"""Sends a photo with requests as a form, as the body itself, in chunks and in JSON. usage: URL PHOTO"""

import base64
import pathlib
import sys

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
for answer in answers:
    answer.raise_for_status()
    assert answer.content == answers[0].content and answer.content[:2] == b"\xff\xd8"
print(len(answers), "dreams")
