"""Makes the pictures that the tests of Imaging read, from the photos in photo/.

    pip install pillow numpy
    python make_fixtures.py

jpeg/NAME.jpg and png/NAME.png are the files to decode; NAME.ppm beside each is the expected picture. For JPEG files,
this is how Pillow decodes them. PNG files of every kind are written here sample by sample, so the expected picture
follows from the specification; it is compared with Pillow's where Pillow reads that kind. resampling/ holds what Pillow
makes of source.ppm in mode "F" per channel (.f32: little-endian, interleaved), and of
soft.ppm in 8 bits (.ppm).
"""

import io
import itertools
import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, features

here = Path(__file__).parent
random = np.random.default_rng(20)


def photo(name: str, size: tuple[int, int]) -> Image.Image:
    return Image.open(here / "photo" / name).convert("RGB").resize(size, Image.Resampling.LANCZOS)


def save_ppm(path: Path, picture) -> None:
    if not isinstance(picture, Image.Image):
        picture = Image.fromarray(np.ascontiguousarray(picture, dtype=np.uint8), "RGB")
    path.parent.mkdir(exist_ok=True)
    picture.save(path, format="PPM")


# --- JPEG ---


def jpeg(picture: Image.Image, **options) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, format="JPEG", **options)
    return stream.getvalue()


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def segments(data: bytes):
    """Yields (marker, start, end) of the segments before the first scan."""
    offset = 2
    while data[offset + 1] != 0xDA:
        end = offset + 2 + struct.unpack_from(">H", data, offset + 2)[0]
        yield data[offset + 1], offset, end
        offset = end


def adobe_segment(data: bytes) -> tuple[int, int]:
    return next((start, end) for marker, start, end in segments(data) if marker == 0xEE)


def save_jpeg(name: str, data: bytes, expected: Image.Image) -> None:
    (here / "jpeg").mkdir(exist_ok=True)
    (here / "jpeg" / f"{name}.jpg").write_bytes(data)
    save_ppm(here / "jpeg" / f"{name}.ppm", expected)


def exif_segment(orientation: int, order: str) -> bytes:
    tiff = {"<": b"II", ">": b"MM"}[order] + struct.pack(order + "HI", 42, 8)
    # Another tag comes first, so that a reader has to search the directory.
    entries = [(0x0100, 4, 1, struct.pack(order + "I", 48)), (0x0112, 3, 1, struct.pack(order + "HH", orientation, 0))]
    tiff += struct.pack(order + "H", len(entries))
    for tag, kind, count, value in entries:
        tiff += struct.pack(order + "HHI", tag, kind, count) + value
    payload = b"Exif\0\0" + tiff + struct.pack(order + "I", 0)
    return b"\xff\xe1" + struct.pack(">H", len(payload) + 2) + payload


def make_jpegs() -> None:
    picture = photo("coffee.jpg", (61, 43))
    for name, options in {
        "baseline_444": {"quality": 95, "subsampling": "4:4:4"},
        "baseline_422": {"quality": 85, "subsampling": "4:2:2"},
        "baseline_420": {"quality": 75, "subsampling": "4:2:0"},
        "progressive_444": {"quality": 95, "subsampling": "4:4:4", "progressive": True},
        "progressive_420": {"quality": 75, "subsampling": "4:2:0", "progressive": True},
        "restart_markers": {"quality": 80, "restart_marker_rows": 1},
        "rgb": {"quality": 90, "keep_rgb": True},
    }.items():
        data = jpeg(picture, **options)
        save_jpeg(name, data, opened(data).convert("RGB"))

    for name, options in {"grey": {}, "grey_progressive": {"progressive": True}}.items():
        data = jpeg(picture.convert("L"), quality=90, **options)
        save_jpeg(name, data, opened(data).convert("RGB"))

    # CMYK with real black, as printing software separates it.
    rgb = np.asarray(picture, dtype=np.int32)
    black = 255 - rgb.max(axis=2, keepdims=True)
    inks = 255 - np.clip(np.round(255 * rgb / np.maximum(255 - black, 1)), 0, 255)
    cmyk = Image.fromarray(np.concatenate([inks, black], axis=2).astype(np.uint8), "CMYK")
    adobe = jpeg(cmyk, quality=92)
    save_jpeg("cmyk_adobe", adobe, opened(adobe).convert("RGB"))

    # Without the marker inks are inverted all the same: Pillow and browsers take all files for Adobe's.
    start, end = adobe_segment(adobe)
    plain = adobe[:start] + adobe[end:]
    save_jpeg("cmyk_plain", plain, opened(plain).convert("RGB"))

    # YCCK: the same inks as luma and chroma, marked by the transform byte of Adobe's segment. Pillow inverts what it
    # writes, and YCCK's luma is that of 255 − ink, which is also what Adobe's inverted files store.
    luma = np.asarray(Image.fromarray(np.asarray(cmyk)[:, :, :3], "RGB").convert("YCbCr"))
    ycck = bytearray(
        jpeg(Image.fromarray(255 - np.concatenate([luma, 255 - black.astype(np.uint8)], axis=2), "CMYK"), quality=92)
    )
    start, _ = adobe_segment(bytes(ycck))
    ycck[start + 15] = 2
    save_jpeg("ycck_adobe", bytes(ycck), opened(bytes(ycck)).convert("RGB"))

    small = photo("astronaut.jpg", (48, 32))
    for orientation, order in itertools.product(range(1, 9), "<>"):
        data = jpeg(small, quality=85)
        data = data[:2] + exif_segment(orientation, order) + data[2:]
        endian = {"<": "little", ">": "big"}[order]
        save_jpeg(f"orientation_{orientation}_{endian}", data, ImageOps.exif_transpose(opened(data)))


# --- PNG ---

ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
GREY, RGB, PALETTE, GREY_ALPHA, RGBA = 0, 2, 3, 4, 6


def chunk(kind: bytes, payload: bytes) -> bytes:
    return struct.pack(">I", len(payload)) + kind + payload + struct.pack(">I", zlib.crc32(kind + payload))


def packed(samples: np.ndarray, depth: int) -> bytes:
    """Packs samples (height, width, channels) into rows; each begins with the filter byte for an unfiltered row."""
    rows = samples.reshape(samples.shape[0], -1)
    if depth == 16:
        body = rows.astype(">u2").view(np.uint8)
    elif depth == 8:
        body = rows.astype(np.uint8)
    else:
        bits = (rows[:, :, None].astype(np.uint8) >> np.arange(depth - 1, -1, -1, dtype=np.uint8)) & 1
        body = np.packbits(bits.reshape(rows.shape[0], -1), axis=1)
    return b"".join(b"\0" + row.tobytes() for row in body)


def png(samples: np.ndarray, kind: int, depth: int, chunks=b"", interlaced=False) -> bytes:
    height, width = samples.shape[:2]
    header = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, int(interlaced))
    if interlaced:
        parts = (samples[y::dy, x::dx] for x, y, dx, dy in ADAM7)
        raw = b"".join(packed(part, depth) for part in parts if part.size)
    else:
        raw = packed(samples, depth)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunks
        + chunk(b"IDAT", zlib.compress(raw, 9))
        + chunk(b"IEND", b"")
    )


def on_white(colour: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """The picture on a white background; both arguments are in 0...1."""
    return np.round(255 * (colour * alpha + 1 - alpha))


def pillow_on_white(data: bytes) -> np.ndarray:
    picture = opened(data).convert("RGBA")
    return np.asarray(Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("RGB"))


def make_pngs() -> None:
    picture = np.asarray(photo("chelsea.png", (33, 21)), dtype=np.float64) / 255
    grey = picture @ [0.299, 0.587, 0.114]
    y, x = np.mgrid[0:21, 0:33]
    alpha = np.clip(x / 24 - 0.15, 0, 1) * np.where(y % 7 == 0, 0.5, 1)

    def save(name, samples, kind, depth, expected, chunks=b"", pillow_reads=True, both=True):
        samples = samples.reshape(*samples.shape[:2], -1)
        for interlaced in (False, True) if both else (False,):
            data = png(samples, kind, depth, chunks, interlaced)
            path = here / "png" / f"{name}{'_interlaced' if interlaced else ''}.png"
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(data)
            save_ppm(path.with_suffix(".ppm"), expected)
            if pillow_reads:
                difference = np.abs(pillow_on_white(data).astype(int) - expected).max()
                assert difference <= 1, f"{path.name}: Pillow differs by {difference}"

    def quantised(values, depth):
        return np.round(values * (2**depth - 1)).astype(int)

    def thrice(values):
        return np.repeat(values[:, :, None], 3, axis=2)

    for depth in (1, 2, 4, 8, 16):
        levels = quantised(grey, depth)
        top = 2**depth - 1
        shown = levels / top
        pillow_reads = depth < 16  # Pillow clips 16-bit grey
        save(f"grey_{depth}", levels, GREY, depth, thrice(np.round(255 * shown)), pillow_reads=pillow_reads)
        clear = int(np.bincount(levels.ravel()).argmax())
        opaque = (levels != clear).astype(float)
        save(
            f"grey_{depth}_transparent",
            levels,
            GREY,
            depth,
            on_white(thrice(shown), thrice(opaque)),
            chunk(b"tRNS", struct.pack(">H", clear)),
            pillow_reads=depth == 8,
            both=depth in (1, 16),
        )

    for depth in (8, 16):
        top = 2**depth - 1
        colours, opacities = quantised(picture, depth), quantised(alpha, depth)
        levels = quantised(grey, depth)
        save(f"rgb_{depth}", colours, RGB, depth, np.round(255 * colours / top))
        clear = colours[10, 16]
        opaque = (colours != clear).any(axis=2).astype(float)
        save(
            f"rgb_{depth}_transparent",
            colours,
            RGB,
            depth,
            on_white(colours / top, thrice(opaque)),
            chunk(b"tRNS", struct.pack(">HHH", *clear)),
            pillow_reads=depth == 8,
            both=False,
        )
        save(
            f"grey_alpha_{depth}",
            np.dstack([levels, opacities]),
            GREY_ALPHA,
            depth,
            on_white(thrice(levels / top), thrice(opacities / top)),
        )
        save(
            f"rgba_{depth}",
            np.dstack([colours, opacities]),
            RGBA,
            depth,
            on_white(colours / top, thrice(opacities / top)),
        )

    for depth in (1, 2, 4, 8):
        count = 2**depth
        palette = random.integers(0, 256, (count, 3))
        indices = quantised(grey, depth)
        entries = chunk(b"PLTE", palette.astype(np.uint8).tobytes())
        save(f"palette_{depth}", indices, PALETTE, depth, palette[indices], entries)
        opacity = np.linspace(0, 255, count).round().astype(int)
        save(
            f"palette_{depth}_transparent",
            indices,
            PALETTE,
            depth,
            on_white(palette[indices] / 255, thrice(opacity[indices] / 255)),
            entries + chunk(b"tRNS", opacity.astype(np.uint8).tobytes()),
            both=depth == 4,
        )

    # Gamma: samples are linear light where gAMA says 1.0, unless sRGB says otherwise. Pillow ignores gAMA.
    levels = quantised(picture, 8)
    gamma = chunk(b"gAMA", struct.pack(">I", 100_000))
    save(
        "gamma_linear",
        levels,
        RGB,
        8,
        np.round(255 * (levels / 255) ** (1 / 2.2)),
        gamma,
        pillow_reads=False,
        both=False,
    )
    save("gamma_linear_but_srgb", levels, RGB, 8, levels, chunk(b"sRGB", b"\0") + gamma, both=False)
    save("gamma_srgb", levels, RGB, 8, levels, chunk(b"gAMA", struct.pack(">I", 45_455)), both=False)
    save(
        "gamma_linear_grey_alpha_16",
        np.dstack([quantised(grey, 16), quantised(alpha, 16)]),
        GREY_ALPHA,
        16,
        on_white(thrice(grey ** (1 / 2.2)), thrice(alpha)),
        gamma,
        pillow_reads=False,
        both=False,
    )

    # EXIF in PNG: shown turned by 90° clockwise.
    tiff = exif_segment(6, ">")[10:]
    data = png(levels, RGB, 8, chunk(b"eXIf", tiff))
    (here / "png" / "orientation_6.png").write_bytes(data)
    save_ppm(here / "png" / "orientation_6.ppm", ImageOps.exif_transpose(opened(data)).convert("RGB"))


# --- Resampling ---

FILTERS = {
    "triangle": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos3": Image.Resampling.LANCZOS,
}


def make_resampled() -> None:
    source = photo("astronaut.jpg", (61, 47))
    folder = here / "resampling"
    soft = source.point(lambda value: 64 + value // 2)  # no overshoot leaves 0...255
    save_ppm(folder / "source.ppm", source)
    save_ppm(folder / "soft.ppm", soft)
    channels = [Image.fromarray(np.asarray(source, dtype=np.float32)[:, :, c], "F") for c in range(3)]
    for (name, kernel), (width, height) in itertools.product(
        FILTERS.items(), [(20, 17), (90, 70), (61, 20), (7, 80), (1, 1)]
    ):
        stem = f"{name}_{width}x{height}"
        resized = [np.asarray(channel.resize((width, height), kernel)) for channel in channels]
        (folder / f"{stem}.f32").write_bytes(np.dstack(resized).astype("<f4").tobytes())
        save_ppm(folder / f"{stem}.ppm", soft.resize((width, height), kernel))


if __name__ == "__main__":
    import PIL

    print(f"Pillow {PIL.__version__}, libjpeg-turbo {features.version('libjpeg_turbo')}")
    make_jpegs()
    make_pngs()
    make_resampled()
