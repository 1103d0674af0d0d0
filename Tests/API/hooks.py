"""What schemathesis sends as pictures, and how it checks those that it gets."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING

import schemathesis
from hypothesis import strategies
from PIL import Image

if TYPE_CHECKING:
    from schemathesis import Response

ANSWERS = ("image/jpeg", "image/png", "image/webp", "image/avif")


def picture(kind: str, width: int, height: int) -> bytes:
    file = io.BytesIO()
    Image.linear_gradient("L").resize((width, height)).convert("RGB").save(file, kind)
    return file.getvalue()


JPEG = picture("JPEG", 24, 20)
PNG = picture("PNG", 9, 40)
JPEG_AS_URL = "data:image/jpeg;base64," + base64.b64encode(JPEG).decode()

schemathesis.openapi.format("binary", strategies.sampled_from([JPEG, PNG, b"no picture"]))
schemathesis.openapi.media_type("image/jpeg", strategies.just(JPEG))
schemathesis.openapi.media_type("image/png", strategies.just(PNG))
schemathesis.openapi.media_type("application/octet-stream", strategies.sampled_from([JPEG, PNG, b"no picture"]))


@schemathesis.deserializer(*ANSWERS)
def decode(context: object, response: Response) -> str:
    """The schema has a picture as text; that it is a whole picture is what matters."""
    Image.open(io.BytesIO(response.content)).load()
    return "a picture"


# Of these fields, a schema knows only that they are text. At random they would hide the other fields behind errors.
TEXTS = {
    "background": "ff8800",
    "keep": "none",
    "layers": "mixed3,mixed5:0.5",
    "model": "inception_v3_rendered",
    "octave_sizes": "auto",
    "preset": "classic",
    "size": "original",
    "tile": "auto",
}


def meaningful(fields: object) -> object:
    return {name: TEXTS.get(name, value) for name, value in fields.items()} if isinstance(fields, dict) else fields


@schemathesis.hook
def map_path_parameters(context: schemathesis.HookContext, parameters: object) -> object:
    known = {"model": "inception_v3_rendered", "layer": "mixed3"}
    return {name: known.get(name, value) for name, value in (parameters or {}).items()}


@schemathesis.hook
def map_query(context: schemathesis.HookContext, query: object) -> object:
    return meaningful(query)


@schemathesis.hook
def map_body(context: schemathesis.HookContext, body: object) -> object:
    if isinstance(body, dict) and "recipe" in body:
        return {**body, "image": JPEG_AS_URL, "recipe": meaningful(body["recipe"])}
    return meaningful(body)
