"""Compares the pictures of table/ with what Chromium shows.

    apt-get install chromium
    pip install playwright numpy pillow
    python check_in_chromium.py

Prints for each file how much Chromium's samples differ from those of NAME.EXT.ppm, which the tests hold the decoders
to: on average and at most. Chromium shows neither HEIC nor TIFF; those are left out.
"""

import base64
import io
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import sync_playwright

folder = Path(__file__).parent / "table"
types = {".jpg": "jpeg", ".png": "png", ".webp": "webp", ".avif": "avif", ".gif": "gif"}

# The picture on white, as a PNG, which is lossless.
SHOW = """async (url) => {
    const image = new Image();
    image.src = url;
    try { await image.decode(); } catch { return null; }
    const canvas = document.createElement("canvas");
    canvas.width = image.naturalWidth;
    canvas.height = image.naturalHeight;
    const context = canvas.getContext("2d", { colorSpace: "srgb" });
    context.fillStyle = "white";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(image, 0, 0);
    return canvas.toDataURL("image/png");
}"""


def main():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = browser.new_page()
        for path in sorted(folder.iterdir()):
            if path.suffix not in types:
                continue
            data = base64.b64encode(path.read_bytes()).decode()
            shown = page.evaluate(SHOW, f"data:image/{types[path.suffix]};base64,{data}")
            if shown is None:
                print(f"{path.name:32} is not shown")
                continue
            png = Image.open(io.BytesIO(base64.b64decode(shown.split(",")[1]))).convert("RGB")
            found = np.asarray(png).astype(int)
            expected = np.asarray(Image.open(f"{path}.ppm")).astype(int)
            if found.shape != expected.shape:
                print(f"{path.name:32} has another size: {found.shape}, {expected.shape}")
                continue
            difference = np.abs(found - expected)
            print(f"{path.name:32} mean {difference.mean():6.2f}  largest {difference.max():3}")
        browser.close()


if __name__ == "__main__":
    main()
