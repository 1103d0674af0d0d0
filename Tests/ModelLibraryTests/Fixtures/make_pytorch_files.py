"""Makes small PyTorch files in each form that the reader knows, and some that it refuses.

    python make_pytorch_files.py

Needs torch (the CPU build is enough) from PyPI. README.md says what is in each file.
"""

import collections
import io
import json
import pathlib
import struct
import zipfile

import torch

HERE = pathlib.Path(__file__).resolve().parent / "PyTorch"


def values(*shape, dtype=torch.float32):
    """Multiples of 1/8 from -15/8 to 15/8, which half and bfloat16 hold exactly; the tests know the formula."""
    count = torch.Size(shape).numel()
    return torch.tensor([(7 * i % 31 - 15) / 8 for i in range(count)], dtype=dtype).reshape(shape)


def network():
    """A convolution and a BatchNorm, whose state dictionary has `_metadata` and an integer."""
    model = torch.nn.Sequential(collections.OrderedDict(conv=torch.nn.Conv2d(2, 3, 2), bn=torch.nn.BatchNorm2d(3)))
    with torch.no_grad():
        for tensor in model.state_dict().values():
            tensor.copy_(values(*tensor.shape) if tensor.is_floating_point() else torch.tensor(7))
    return model


def save(name, value, **options):
    torch.save(value, HERE / name, **options)


def serialized(value, **options):
    stream = io.BytesIO()
    torch.save(value, stream, **options)
    return stream.getvalue()


def write_zip(name, entries, compression=zipfile.ZIP_STORED):
    with zipfile.ZipFile(HERE / name, "w", compression) as archive:
        for path, content in entries.items():
            # A fixed date, so that the bytes are the same on every run.
            archive.writestr(zipfile.ZipInfo(path), content, compress_type=compression)


def entries_of(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def write_safetensors(name, tensors):
    header, data = {}, b""
    for key, tensor in tensors.items():
        content = tensor.numpy().tobytes()
        kind = {torch.float32: "F32", torch.float16: "F16"}[tensor.dtype]
        header[key] = {
            "dtype": kind,
            "shape": list(tensor.shape),
            "data_offsets": [len(data), len(data) + len(content)],
        }
        data += content
    text = json.dumps(header).encode()
    (HERE / name).write_bytes(struct.pack("<Q", len(text)) + text + data)


def main():
    HERE.mkdir(exist_ok=True)
    legacy = {"_use_new_zipfile_serialization": False}
    model = network()
    state = model.state_dict()
    save("zip.pth", state)
    save("legacy.pth", state, **legacy)
    save("wrapped.pth", {"epoch": 3, "best": 0.5, "arch": "tiny", "state_dict": state})

    special = [0.5, -2.0, 0.0, 6e-8, 65504.0, float("inf"), float("-inf"), float("nan")]
    for name, dtype in [("half", torch.float16), ("bfloat16", torch.bfloat16), ("double", torch.float64)]:
        save(f"{name}.pth", {"values": values(3, 5, dtype=dtype), "special": torch.tensor(special, dtype=dtype)})
    integers = {"int64": torch.int64, "int32": torch.int32, "int16": torch.int16, "int8": torch.int8}
    save(
        "integers.pth",
        {
            **{name: torch.tensor([-5, 0, 100], dtype=dtype) for name, dtype in integers.items()},
            "uint8": torch.tensor([5, 0, 200], dtype=torch.uint8),
            "bool": torch.tensor([True, False, True]),
        },
    )

    base = values(4, 6)
    views = {
        "whole": base,
        "row": base[1],
        "transposed": base.t(),
        "columns": base[:, 1::2],
        "last": base[3, 5],
        "none": base[:0],
    }
    save("views.pth", views)
    save("views_legacy.pth", views, **legacy)
    save("parameter.pth", {"weight": torch.nn.Parameter(values(2, 3))})
    save("expanded.pth", {"expanded": values(1, 3).expand(4, 3)})
    save("no_dictionary.pth", [values(2)])
    save("no_tensor.pth", {"weight": values(2), "epoch": 3})

    torch.save(model, HERE / "whole_model.pth")
    torch.jit.script(torch.nn.ReLU()).save(str(HERE / "script.pt"))
    write_safetensors("tensors.safetensors", {"b": values(2, 3), "a": values(4, dtype=torch.float16)})

    entries = entries_of(serialized(state))
    write_zip("compressed.pth", entries, zipfile.ZIP_DEFLATED)
    write_zip("big_endian.pth", {**entries, "archive/byteorder": b"big"})
    write_zip("missing_storage.pth", {name: entries[name] for name in entries if name != "archive/data/0"})
    limits = zipfile.ZIP64_LIMIT, zipfile.ZIP_FILECOUNT_LIMIT
    zipfile.ZIP64_LIMIT, zipfile.ZIP_FILECOUNT_LIMIT = 0, 0
    write_zip("zip64.pth", entries)
    zipfile.ZIP64_LIMIT, zipfile.ZIP_FILECOUNT_LIMIT = limits
    # Python leaves the small numbers in the last record; with all bits set, only the zip64 record has them.
    content = (HERE / "zip64.pth").read_bytes()
    (HERE / "zip64.pth").write_bytes(content[:-14] + b"\xff" * 12 + content[-2:])

    wheel = {
        "tiny/__init__.py": b"# Where the weights are.\n",
        "tiny/weights/readme.zip": b"PK\x03\x04 is how a zip file starts",
        "tiny-0.1.0.dist-info/METADATA": b"Metadata-Version: 2.1\nName: tiny\nVersion: 0.1.0\n",
    }
    old = {"tiny/weights/tiny.data": serialized(state, **legacy)}
    new = {"tiny/weights/tiny.pth": serialized(state)}
    write_zip("legacy-0.1.0-py3-none-any.whl", {**wheel, **old}, zipfile.ZIP_DEFLATED)
    write_zip("zip-0.1.0-py3-none-any.whl", {**wheel, **new}, zipfile.ZIP_DEFLATED)
    write_zip("stored-0.1.0-py3-none-any.whl", {**wheel, **new})
    write_zip("two-0.1.0-py3-none-any.whl", {**wheel, **old, **new}, zipfile.ZIP_DEFLATED)
    write_zip("none-0.1.0-py3-none-any.whl", wheel, zipfile.ZIP_DEFLATED)


main()
