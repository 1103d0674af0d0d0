#!/usr/bin/env python3
"""Makes the studio's small pictures from dreams of docs/images/chelsea.jpg: one strip of square tiles.

    Scripts/make_studio_tiles.py http://localhost:5000

needs a running service with EfficientNet-Lite0, and Pillow and requests. The order of the tiles is also in
Sources/Studio/page/controls.js.
"""

import io
import sys
from pathlib import Path

import requests
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
PHOTO = ROOT / "docs/images/chelsea.jpg"
PAGE = ROOT / "Sources/Studio/page"
SIDE = 112
# The cat's face.
CROP = (110, 20, 410, 320)
INTENSITIES = [
    {"steps": 8, "step_size": 0.012},
    {"steps": 14, "step_size": 0.016},
    {},
    {"steps": 40, "step_size": 0.022},
]
MOTIFS = ["recommended", "puppies", "creature", "birds", "eyes", "flowers", "architecture", "strokes", "woodcut"]


def dream(service: str, recipe: dict) -> Image.Image:
    answer = requests.post(f"{service}/deepdream", files={"image": PHOTO.read_bytes()}, data=recipe, timeout=300)
    answer.raise_for_status()
    picture = Image.open(io.BytesIO(answer.content)).convert("RGB")
    return picture.crop(CROP).resize((SIDE, SIDE), Image.Resampling.LANCZOS)


def main() -> None:
    service = sys.argv[1]
    recipes = [{"preset": name} for name in MOTIFS] + INTENSITIES
    strip = Image.new("RGB", (SIDE * len(recipes), SIDE))
    for index, recipe in enumerate(recipes):
        strip.paste(dream(service, recipe), (index * SIDE, 0))
    strip.save(PAGE / "tiles.jpg", quality=68, optimize=True, progressive=True)
    sample = Image.open(ROOT / "docs/images/coffee.jpg").convert("RGB")
    sample.save(PAGE / "sample.jpg", quality=74, subsampling=0, optimize=True, progressive=True)


if __name__ == "__main__":
    main()
