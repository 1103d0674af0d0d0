"""Dreams each photo alone, then all of them many times at once: every answer must match its photo.

usage: clients.py URL PHOTO...      (needs the package requests)
"""

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import requests

url, photos = sys.argv[1], [Path(name) for name in sys.argv[2:]]


def dream(path):
    with path.open("rb") as photo:
        answer = requests.post(url + "/deepdream", files={"image": photo}, data={"steps": 1, "octaves": 1}, timeout=120)
    answer.raise_for_status()
    assert answer.headers["Content-Type"] == "image/jpeg", answer.headers
    return answer.content


alone = {path: dream(path) for path in photos}
assert len(set(alone.values())) == len(photos), "the photos' dreams should differ"
jobs = photos * 6
with ThreadPoolExecutor(max_workers=12) as pool:
    for path, content in zip(jobs, pool.map(dream, jobs), strict=True):
        assert content == alone[path], f"{path} got another dream"
print(len(jobs), "dreams")
