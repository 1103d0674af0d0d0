"""Makes the README's screenshots of the studio: `make pictures-page`."""

from __future__ import annotations

import io

from PIL import Image

from browser import chromium
from service import PATIENCE_SECONDS, PHOTO, ROOT, Service

# Name, width, height, colours, and the part of a recipe that is shown.
SCREENS = [
    ("desktop", 1280, 860, "light", ""),
    ("tablet", 820, 1100, "dark", "#preset=eyes"),
    ("phone", 360, 740, "light", "#preset=puppies"),
]


def save(screenshot: bytes, name: str) -> None:
    picture = Image.open(io.BytesIO(screenshot)).convert("RGB")
    picture.save(ROOT / f"docs/images/studio-{name}.jpg", quality=84, optimize=True)


def main() -> None:
    service = Service()
    try:
        with chromium() as browser:
            for name, width, height, scheme, fragment in SCREENS:
                context = browser.new_context(
                    viewport={"width": width, "height": height}, color_scheme=scheme, locale="en-GB"
                )
                page = context.new_page()
                page.goto(f"{service.url}/{fragment}")
                page.set_input_files("#file", PHOTO)
                page.wait_for_selector("#history [role=listitem]", timeout=PATIENCE_SECONDS * 1000)
                page.wait_for_timeout(500)
                save(page.screenshot(), name)
                if name == "desktop":
                    # High enough for the whole lesson, and without the page behind its corners.
                    page.set_viewport_size({"width": width, "height": 1010})
                    page.evaluate("() => { document.getElementById('see').style.borderRadius = 0; }")
                    page.click("#open-see")
                    page.wait_for_selector("#see-channels figure:nth-child(6) [aria-busy=false]")
                    page.wait_for_timeout(500)
                    save(page.locator("#see").screenshot(), "see")
                context.close()
    finally:
        service.close()


if __name__ == "__main__":
    main()
