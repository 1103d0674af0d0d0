"""Requests a dream of each photo alone, then of all of them many times at once, and compares the answers.

usage: clients.py URL PHOTO...      (needs the package requests)
"""

import pathlib
import sys
from concurrent.futures import ThreadPoolExecutor

import requests

url, photos = sys.argv[1], sys.argv[2:]


def dream(path):
    with pathlib.Path(path).open("rb") as photo:
        answer = requests.post(url + "/deepdream", files={"image": photo}, data={"steps": 1, "octaves": 1}, timeout=600)
    answer.raise_for_status()
    assert answer.headers["Content-Type"] == "image/jpeg", answer.headers
    return answer.content


alone = {path: dream(path) for path in photos}
assert len(set(alone.values())) == len(photos), "the dreams of different photos should differ"
jobs = photos * 6
with ThreadPoolExecutor(max_workers=12) as pool:
    for path, content in zip(jobs, pool.map(dream, jobs), strict=True):
        assert content == alone[path], f"{path} got a different dream"
print(len(jobs), "dreams")
