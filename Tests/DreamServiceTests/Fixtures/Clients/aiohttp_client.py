"""Sends a photo with aiohttp as a form, as the body itself, in chunks, in JSON and as a job. usage: URL PHOTO"""

import asyncio
import base64
import pathlib
import sys

import aiohttp
from yarl import URL

url, photo = sys.argv[1], pathlib.Path(sys.argv[2]).read_bytes()
recipe = {"steps": "1", "octaves": "1", "size": "max:90"}
jpeg = {"Content-Type": "image/jpeg"}


async def pieces():
    yield photo[:1000]
    yield photo[1000:]


def form(quote_fields):
    # aiohttp describes each part in detail: with its type, and files with a percent-encoded name.
    form = aiohttp.FormData(quote_fields=quote_fields)
    form.add_field("image", photo, filename="Kätzchen 1.jpg", content_type="image/jpeg")
    for name, value in recipe.items():
        form.add_field(name, value)
    return form


async def main():
    timeout = aiohttp.ClientTimeout(total=600)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        requests = [
            {"data": form(True)},
            {"data": form(False)},
            {"data": photo, "params": recipe, "headers": jpeg},
            {"data": pieces(), "params": recipe, "headers": jpeg},
            {"json": {"image": base64.b64encode(photo).decode(), "recipe": recipe}},
        ]
        dreams = []
        for request in requests:
            async with session.post(url, **request) as answer:
                assert answer.status == 200, await answer.text()
                dreams.append(await answer.read())
        target = url.replace("/deepdream", "/jobs")
        async with session.post(target, data=photo, params=recipe, headers=jpeg) as answer:
            assert answer.status == 202, await answer.text()
            address = str(answer.url.join(URL(answer.headers["Location"])))
        async with session.get(f"{address}/events") as events:
            assert b"event: done\n" in [line async for line in events.content]
        async with session.get(f"{address}/result") as answer:
            dreams.append(await answer.read())
    assert all(dream == dreams[0] and dream[:2] == b"\xff\xd8" for dream in dreams)
    print(len(dreams), "dreams")


asyncio.run(main())
