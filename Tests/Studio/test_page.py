"""Tests of the studio in a real browser: `make test-page`.

The environment variable DEEPDREAM names the program.
"""

from __future__ import annotations

import hashlib
import http.client
import io
import time
import unittest
import urllib.request
import uuid
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from PIL import Image, ImageChops

from browser import chromium
from service import PATIENCE_SECONDS, PHOTO, ROOT, Prefixed, Service

SIZES = {"phone": (360, 740), "tablet": (820, 1100), "desktop": (1280, 860)}
DROP = """async ([name, bytes]) => {
  const transfer = new DataTransfer();
  transfer.items.add(new File([new Uint8Array(bytes)], name, {type: "image/jpeg"}));
  for (const type of ["dragover", "drop"]) {
    dispatchEvent(new DragEvent(type, {dataTransfer: transfer, bubbles: true, cancelable: true}));
  }
}"""


def post(url: str, fields: dict[str, str]) -> bytes:
    """The API's own answer to a form with the photo."""
    boundary = uuid.uuid4().hex
    parts = b"".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    )
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="image"; filename="coffee.jpg"\r\n\r\n'.encode()
    body = parts + head + PHOTO.read_bytes() + f"\r\n--{boundary}--\r\n".encode()
    request = urllib.request.Request(
        f"{url}/deepdream", body, {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    )
    with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:
        return answer.read()


class PageTests(unittest.TestCase):
    """Each test opens the page anew. At the end there must be no error in the console and no request to elsewhere."""

    @classmethod
    def setUpClass(cls) -> None:
        cls.service = Service()
        cls.addClassCleanup(cls.service.close)
        cls.browser = cls.enterClassContext(chromium())

    def open(
        self,
        size: str = "desktop",
        language: str = "en-GB",
        fragment: str = "",
        service: Service | Prefixed | None = None,
        awaited: str = "[data-name=recommended] span:not(:empty)",
        **options: object,
    ) -> None:
        width, height = SIZES[size]
        context = self.browser.new_context(viewport={"width": width, "height": height}, locale=language, **options)
        self.addCleanup(context.close)
        self.page = context.new_page()
        self.page.set_default_timeout(PATIENCE_SECONDS * 1000)
        self.errors: list[str] = []
        self.page.on("console", lambda message: message.type == "error" and self.errors.append(message.text))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.requests: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(f"{(service or self.service).url}/{fragment}")
        self.page.wait_for_selector(awaited)

    def drop(self) -> None:
        self.page.evaluate(DROP, [PHOTO.name, list(PHOTO.read_bytes())])

    def wait_for_dreams(self, count: int) -> None:
        """Waits until that many dreams are finished, and none is under way."""
        self.page.wait_for_selector(f"#history [role=listitem]:nth-child({count})")
        self.page.wait_for_selector("#cancel", state="hidden")

    def download(self) -> tuple[str, bytes]:
        with self.page.expect_download() as download:
            self.page.click("#download")
        return download.value.suggested_filename, Path(download.value.path()).read_bytes()

    def assert_quiet(self) -> None:
        self.assertEqual(self.errors, [])
        for url in self.requests:
            self.assertTrue(url.startswith((self.service.url, "blob:", "data:")), url)

    def test_dropped_photo_is_dreamt_and_downloaded(self) -> None:
        self.open(fragment="#preset=strokes&size=max:320")
        self.drop()
        self.page.wait_for_selector("#after:not([hidden])")
        self.wait_for_dreams(1)
        self.assertEqual(self.page.get_attribute("#progress", "value"), "1")
        self.assertIn("320", self.page.inner_text("#status-words"))
        # The divider follows the mouse and the keyboard.
        box = self.page.locator("#frame").bounding_box()
        middle = box["y"] + box["height"] / 2
        self.page.mouse.move(box["x"] + box["width"] / 2, middle)
        self.page.mouse.down()
        self.page.mouse.move(box["x"] + box["width"] / 4, middle)
        self.page.mouse.up()
        self.assertAlmostEqual(int(self.page.input_value("#compare")), 25, delta=1)
        self.page.focus("#compare")
        self.page.keyboard.press("ArrowRight")
        self.assertAlmostEqual(int(self.page.input_value("#compare")), 26, delta=1)
        name, picture = self.download()
        self.assertEqual(name, "coffee-dream.jpg")
        answer = post(self.service.url, {"preset": "strokes", "size": "max:320"})
        self.assertEqual(hashlib.sha256(picture).hexdigest(), hashlib.sha256(answer).hexdigest())
        self.assert_quiet()

    def test_steps_are_shown_live(self) -> None:
        self.open(fragment="#preset=strokes&size=max:512&steps=240")
        self.page.evaluate(
            """() => {
              window.previews = 0;
              window.fractions = new Set();
              const [after, progress] = ["after", "progress"].map((id) => document.getElementById(id));
              new MutationObserver(() => { if (after.src.startsWith("data:image/jpeg")) window.previews += 1; })
                .observe(after, {attributeFilter: ["src"]});
              new MutationObserver(() => window.fractions.add(progress.value))
                .observe(progress, {attributeFilter: ["value"]});
            }"""
        )
        self.drop()
        self.wait_for_dreams(1)
        self.assertGreater(self.page.evaluate("() => window.previews"), 0)
        fractions = self.page.evaluate("() => [...window.fractions]")
        self.assertGreater(sum(0 < fraction < 1 for fraction in fractions), 1)
        self.assert_quiet()

    def test_full_queue_is_explained_and_waited_for(self) -> None:
        service = Service("--workers", "1", "--queue-length", "0", "--deadline-seconds", "86400")
        self.addCleanup(service.close)
        busy = http.client.HTTPConnection("127.0.0.1", service.port)
        query = "size=512x341&steps=2000&octaves=8"
        busy.request("POST", f"/deepdream?{query}", PHOTO.read_bytes(), {"Content-Type": "image/jpeg"})
        while b"deepdream_jobs_running 1" not in urllib.request.urlopen(f"{service.url}/metrics").read():
            time.sleep(0.1)
        self.open(service=service, fragment="#preset=strokes&size=max:256&steps=3")
        self.drop()
        self.page.wait_for_selector("#message:not([hidden])")
        self.assertIn("Many people are dreaming", self.page.inner_text("#message"))
        busy.close()
        self.page.click("#message-action")
        self.wait_for_dreams(1)
        self.assertTrue(self.page.is_hidden("#message"))

    def test_controls_change_the_recipe_and_undo_brings_it_back(self) -> None:
        self.open(fragment="#preset=strokes&size=max:256&steps=3")
        self.drop()
        self.wait_for_dreams(1)
        self.page.click("[data-name=woodcut]")
        self.wait_for_dreams(2)
        self.assertIn("-F preset=woodcut", self.page.text_content("#curl-line"))
        self.page.click("#expert summary")
        self.page.fill("#field-seed", "7")
        self.page.press("#field-seed", "Tab")
        self.wait_for_dreams(3)
        self.assertIn("-F seed=7", self.page.text_content("#curl-line"))
        self.page.fill("#search", "red f")
        self.page.keyboard.press("Enter")
        self.wait_for_dreams(4)
        self.assertIn("logits[red fox]", self.page.text_content("#curl-line"))
        for _ in range(3):
            self.page.click("#undo")
        self.assertIn("-F preset=strokes", self.page.text_content("#curl-line"))
        self.assertTrue(self.page.is_disabled("#undo"))
        self.assertEqual(self.page.get_attribute("[data-name=strokes]", "aria-checked"), "true")
        self.assert_quiet()

    def test_key_is_asked_for_until_it_is_right(self) -> None:
        key = "a key for this test"
        service = Service("--api-keys", hashlib.sha256(key.encode()).hexdigest())
        self.addCleanup(service.close)
        self.open(service=service, fragment="#preset=strokes&size=max:256&steps=3", awaited="#key[open]")
        self.page.click("#key .close")
        self.page.wait_for_selector("#message:not([hidden])")
        self.page.click("#message-action")
        self.page.wait_for_selector("#key[open]")
        self.assertIn("needs a key", self.page.inner_text("#key"))
        self.assertEqual(Axe().run(self.page).violations_count, 0)
        self.page.keyboard.type("another key")
        self.page.keyboard.press("Enter")
        self.page.wait_for_selector("#key-words:has-text('does not know this key')")
        self.page.fill("#key-field", key)
        self.page.click("#key [type=submit]")
        self.page.wait_for_selector("[data-name=recommended] span:not(:empty)")
        self.assertTrue(self.page.is_hidden("#message"))
        self.drop()
        self.wait_for_dreams(1)
        self.assertIn("Authorization: Bearer KEY", self.page.text_content("#curl-line"))
        self.assertNotIn(key, self.page.content())
        # Until the tab is closed.
        self.page.reload()
        self.page.wait_for_selector("[data-name=recommended] span:not(:empty)")

    def test_wrong_field_is_explained(self) -> None:
        self.open(fragment="#steps=100000&size=max:256")
        self.drop()
        self.page.wait_for_selector("#message:not([hidden])")
        self.assertIn("a whole number from 0 to 2000", self.page.inner_text("#message"))

    def test_error_is_seen_although_the_message_is_out_of_sight(self) -> None:
        self.open("phone", fragment="#preset=strokes&size=max:256&steps=2")
        self.drop()
        self.wait_for_dreams(1)
        self.page.click("#expert summary")
        self.page.fill("#field-quality", "1000")
        self.page.press("#field-quality", "Tab")
        self.page.wait_for_selector("#toast:has-text('a whole number from 1 to 100')")
        box = self.page.locator("#toast").bounding_box()
        self.assertLessEqual(box["y"] + box["height"], SIZES["phone"][1])

    def test_brush_changes_only_what_is_painted(self) -> None:
        self.open(fragment="#preset=strokes&size=max:256&format=png&mask_feather=0")
        self.drop()
        self.wait_for_dreams(1)
        self.page.click("#brush")
        # All of the dream is seen, so that a stroke on the left is, too.
        self.assertEqual(self.page.input_value("#compare"), "0")
        box = self.page.locator("#frame").bounding_box()
        x, y, width, height = box["x"], box["y"], box["width"], box["height"]
        self.page.mouse.move(x + width * 0.2, y + height * 0.5)
        self.page.mouse.down()
        self.page.mouse.move(x + width * 0.3, y + height * 0.5, steps=4)
        self.page.mouse.up()
        self.wait_for_dreams(2)
        self.assertIn("mask=@mask.png", self.page.text_content("#curl-line"))
        dream = Image.open(io.BytesIO(self.download()[1])).convert("RGB")
        untouched = Image.open(io.BytesIO(post(self.service.url, {"size": "max:256", "format": "png", "steps": "0"})))
        difference = ImageChops.difference(dream, untouched.convert("RGB"))
        w, h = difference.size
        painted = difference.crop((w // 5, h * 4 // 10, w * 3 // 10, h * 6 // 10))
        away = difference.crop((w * 6 // 10, 0, w, h))
        self.assertGreater(max(high for _, high in painted.getextrema()), 20)
        self.assertLessEqual(max(high for _, high in away.getextrema()), 1)
        self.page.click("#brush-undo")
        self.wait_for_dreams(3)
        self.assertNotIn("mask=@", self.page.text_content("#curl-line"))
        self.page.click("#brush-done")
        self.assertTrue(self.page.is_hidden("#brush-tools"))
        self.assertEqual(self.page.input_value("#compare"), "50")
        self.assert_quiet()

    def test_brush_of_a_phone_is_in_sight(self) -> None:
        self.open("phone", fragment="#preset=strokes&size=max:256&steps=2")
        self.drop()
        self.wait_for_dreams(1)
        self.page.locator("#brush").scroll_into_view_if_needed()
        self.page.click("#brush")
        for part in ("#frame", "#brush-tools"):
            box = self.page.locator(part).bounding_box()
            self.assertGreaterEqual(box["y"], -1)
            self.assertLessEqual(box["y"] + box["height"], SIZES["phone"][1])
        self.assert_quiet()

    def test_guide_is_sent_along(self) -> None:
        self.open(fragment="#size=max:256&steps=3")
        self.drop()
        self.wait_for_dreams(1)
        self.page.set_input_files("#guide-file", ROOT / "docs/images/chelsea.jpg")
        self.wait_for_dreams(2)
        self.assertIn("-F guide=@chelsea.jpg", self.page.text_content("#curl-line"))
        self.assertIn("chelsea.jpg", self.page.inner_text("#chosen-class"))
        self.page.click("[data-name=eyes]")
        self.wait_for_dreams(3)
        self.assertNotIn("guide=@", self.page.text_content("#curl-line"))
        self.assert_quiet()

    def test_cancel_ends_the_job(self) -> None:
        self.open(fragment="#preset=wild&size=max:1600&steps=100")
        with self.page.expect_request("**/events"):
            self.drop()
        with self.page.expect_request(lambda request: request.method == "DELETE") as deletion:
            self.page.click("#cancel")
        end = time.monotonic() + PATIENCE_SECONDS
        while b'"state":"cancelled"' not in urllib.request.urlopen(deletion.value.url).read():
            self.assertLess(time.monotonic(), end)
            time.sleep(0.1)
        self.assert_quiet()

    def test_works_under_a_prefix(self) -> None:
        self.open(service=Prefixed(self.service, "/some/where"), fragment="#preset=strokes&size=max:256&steps=3")
        self.drop()
        self.wait_for_dreams(1)
        self.assertIn("/some/where/deepdream", self.page.text_content("#curl-line"))
        self.assertEqual(self.errors, [])

    def test_cancel_keeps_the_last_dream(self) -> None:
        self.open(fragment="#preset=strokes&size=max:256")
        self.drop()
        self.wait_for_dreams(1)
        self.page.click("#expert summary")
        self.page.fill("#field-steps", "2000")
        self.page.press("#field-steps", "Tab")
        self.page.wait_for_selector("#cancel:not([hidden])")
        self.page.click("#cancel")
        self.page.wait_for_selector("#cancel", state="hidden")
        self.assertIn("Cancelled", self.page.inner_text("#status-words"))
        self.assertEqual(self.page.locator("#history [role=listitem]").count(), 1)
        self.assert_quiet()

    def test_service_goes_and_comes_back(self) -> None:
        self.open(service=Prefixed(self.service, "/dreams"), fragment="#preset=strokes&size=max:256&steps=3")
        self.service.stop()
        try:
            self.drop()
            self.page.wait_for_selector("#message:not([hidden])")
            self.assertIn("cannot be reached", self.page.inner_text("#message"))
        finally:
            self.service.start()
        self.wait_for_dreams(1)
        self.assertTrue(self.page.is_hidden("#message"))

    def test_evolve_breeds_and_gives_its_recipe(self) -> None:
        self.open(fragment="#preset=strokes&size=max:256&steps=4")
        self.drop()
        self.wait_for_dreams(1)
        self.page.click("#open-evolve")
        for generation in ("1", "2"):
            self.page.wait_for_selector("#variants button:nth-child(9) img")
            self.page.wait_for_selector("#variants [aria-busy=true]", state="detached")
            self.assertIn(generation, self.page.inner_text("#generation"))
            self.page.click("#variants button:nth-child(2)")
            if generation == "1":
                self.page.click("#breed")
                self.page.wait_for_selector("#variants [aria-busy=true]")
        self.page.click("#use-variant")
        self.wait_for_dreams(2)
        self.assertIn("-F seed=", self.page.text_content("#curl-line"))
        self.assert_quiet()

    def test_see_shows_where_channels_answer_and_what_they_look_for(self) -> None:
        self.open(fragment="#layers=e3&size=max:256&steps=4")
        self.drop()
        self.wait_for_dreams(1)
        self.page.click("#open-see")
        self.page.wait_for_selector("#see-labels section:nth-child(2) li:nth-child(5)")
        # The layer that the recipe dreams, among all that the network has.
        self.assertEqual(self.page.locator("#see-network button").count(), 50)
        self.assertIn("e3", self.page.inner_text("#see-status"))
        self.page.locator("#see-network button").nth(32).click()
        self.page.wait_for_selector("#see-channels figure:nth-child(6) [aria-busy=false]")
        layer = self.page.get_attribute("#see-network [aria-checked=true]", "title")
        self.assertIn(layer.split(",")[0], self.page.inner_text("#see-status"))
        # The photo is dark where a channel is silent and as it is where it answers most.
        brightest = """(canvas) => {
          const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
          const lights = data.filter((_, index) => index % 4 < 3);
          const most = lights.reduce((most, light) => Math.max(most, light), 0);
          return [most, lights.reduce((sum, light) => sum + light, 0) / lights.length];
        }"""
        for maximum, mean in self.page.locator("#see-channels canvas").evaluate_all(f"all => all.map({brightest})"):
            self.assertGreater(maximum, 60)
            self.assertLess(mean, 110)
        self.assertIn("espresso", self.page.inner_text("#see-labels section:nth-child(1)"))
        # By keyboard to the next layer.
        self.page.focus("#see-network [aria-checked=true]")
        self.page.keyboard.press("ArrowRight")
        self.page.wait_for_selector(f"#see-network [aria-checked=true]:not([title='{layer}'])")
        chosen = self.page.get_attribute("#see-network [aria-checked=true]", "title").split(",")[0].split()[1]
        self.page.wait_for_selector(f"#see-channels figure:nth-child(6) strong:has-text('{chosen}[')")
        name = self.page.inner_text("#see-channels figure:nth-child(1) strong")
        self.page.click("#see-channels figure:nth-child(1) button")
        self.wait_for_dreams(2)
        self.assertIn(f"layers={name}", self.page.text_content("#curl-line"))
        self.assert_quiet()

    def test_camera_is_dreamt_live(self) -> None:
        self.open(permissions=["camera"])
        self.page.click("#open-live")
        self.page.wait_for_selector("#live-rate:not(:empty)")
        print(f"Live: {self.page.inner_text('#live-rate')}")
        self.page.click("#live .close")
        self.assert_quiet()

    def test_no_size_is_wider_than_the_screen_or_breaks_a_rule_of_accessibility(self) -> None:
        for size, (width, _) in SIZES.items():
            for scheme in ("light", "dark"):
                with self.subTest(size=size, scheme=scheme):
                    self.open(size, fragment="#preset=strokes&size=max:256&steps=2", color_scheme=scheme)
                    for step in ("start", "dream", "see"):
                        if step == "dream":
                            self.drop()
                            self.wait_for_dreams(1)
                            self.page.click("#expert summary")
                            self.page.click("#curl summary")
                        elif step == "see":
                            self.page.click("#open-see")
                            self.page.wait_for_selector("#see-channels figure:nth-child(6) [aria-busy=false]")
                        self.assertLessEqual(self.page.evaluate("() => document.documentElement.scrollWidth"), width)
                        found = Axe().run(self.page)
                        self.assertEqual(found.violations_count, 0, found.generate_report())
                    self.assert_quiet()

    def test_whole_way_by_keyboard_alone(self) -> None:
        self.open(fragment="#preset=strokes&size=max:256&steps=2")
        self.page.focus("#sample")
        self.page.keyboard.press("Enter")
        self.wait_for_dreams(1)
        self.page.focus("[data-name=strokes]")
        self.page.keyboard.press("ArrowRight")
        self.wait_for_dreams(2)
        self.assertEqual(self.page.get_attribute("[data-name=woodcut]", "aria-checked"), "true")
        self.page.keyboard.press("Control+z")
        self.assertEqual(self.page.get_attribute("[data-name=strokes]", "aria-checked"), "true")
        self.assert_quiet()

    def test_languages(self) -> None:
        for language, words in (("de-DE", "Foto auswählen"), ("zh-CN", "选择照片"), ("fr-FR", "Choose a photo")):
            with self.subTest(language=language):
                self.open(language=language)
                self.assertEqual(self.page.inner_text("#choose"), words)
                self.assert_quiet()

    def test_shared_link_carries_the_recipe(self) -> None:
        self.open(fragment="#preset=eyes&octaves=2")
        self.assertEqual(self.page.get_attribute("[data-name=eyes]", "aria-checked"), "true")
        self.assertEqual(self.page.input_value("#octaves"), "2")
        self.assert_quiet()


if __name__ == "__main__":
    unittest.main(verbosity=2)
