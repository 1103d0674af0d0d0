"""The motif classes: one module each, found in this folder; sorted by name they give the class index.

A module's docstring says what it shows. It has `KIND = "texture"` and `draw(random, size) -> rgb`, or
`KIND = "object"` and `draw(random, size) -> (rgb, alpha)`, both float32 in 0...1. An object may have
`UPRIGHT = True` (it is rarely rotated) and `LARGE = True` (it is drawn larger than others).
"""

import importlib
import pkgutil
from functools import cache
from types import ModuleType


@cache
def motif_names() -> list[str]:
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


@cache
def motifs() -> list[ModuleType]:
    return [importlib.import_module(f"{__name__}.{name}") for name in motif_names()]
