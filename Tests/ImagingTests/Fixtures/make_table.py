"""Makes table/: files of every format as people have them, and how they look, for the tests of Imaging.

    apt-get install webp libavif-bin libheif-examples libvips-tools imagemagick libjpeg-turbo-progs
    pip install pillow numpy pillow-heif
    python make_table.py

table/NAME.EXT is a file; NAME.EXT.ppm beside it is the picture that Pillow makes of it (its pixels, upright, its
profile applied with lcms, on white), or that follows from how the file was made. table/table.json has for each file
how much samples may differ: "largest" for any, "mean" on average. Lossy files differ because decoders round
differently.
"""

import io
import json
import struct
import subprocess
import tempfile
import zlib
from pathlib import Path

import numpy as np
import pillow_heif
from make_fixtures import chunk, exif_segment, packed, png, segments
from PIL import Image, ImageCms, ImageOps

pillow_heif.register_heif_opener()
here = Path(__file__).parent
folder = here / "table"
rows = []
WIDTH, HEIGHT = 36, 24


def photo(name="coffee.jpg", size=(WIDTH, HEIGHT)) -> Image.Image:
    return Image.open(here / "photo" / name).convert("RGB").resize(size, Image.Resampling.LANCZOS)


picture = photo()
grey = picture.convert("L")
pixels = np.asarray(picture)
y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
alpha = np.round(255 * np.clip(x / 24 - 0.2, 0, 1)).astype(np.uint8)
translucent = Image.fromarray(np.dstack([pixels, alpha]), "RGBA")
on_white = Image.alpha_composite(Image.new("RGBA", translucent.size, "white"), translucent).convert("RGB")


# --- Profiles, small ones ---


def tag(kind: bytes, body: bytes) -> bytes:
    data = kind + bytes(4) + body
    return data + bytes(-len(data) % 4)


def fixed(value: float) -> bytes:
    return struct.pack(">i", round(value * 65536))


def profile(space: bytes, tags: dict[bytes, bytes], kind=b"mntr", connection=b"XYZ ") -> bytes:
    """An ICC profile of version 2.1. ICC.1:2001-04."""
    text = b"made by a script"
    tags = {
        b"desc": tag(b"desc", struct.pack(">I", len(text) + 1) + text + bytes(1 + 4 + 4 + 2 + 1 + 67)),
        b"cprt": tag(b"text", b"CC0\0"),
        b"wtpt": tag(b"XYZ ", fixed(0.9642) + fixed(1) + fixed(0.8249)),
        **tags,
    }
    offset = 128 + 4 + 12 * len(tags)
    table, body = struct.pack(">I", len(tags)), b""
    for name, data in tags.items():
        table += name + struct.pack(">II", offset + len(body), len(data))
        body += data
    header = bytearray(128)
    header[0:4] = struct.pack(">I", offset + len(body))
    header[8:12] = bytes([2, 0x10, 0, 0])
    header[12:16], header[16:20], header[20:24] = kind, space, connection
    header[36:40] = b"acsp"
    header[68:80] = fixed(0.9642) + fixed(1) + fixed(0.8249)
    return bytes(header) + table + body


def adapted(xy: list[tuple[float, float]], white=(0.3127, 0.3290)) -> np.ndarray:
    """The columns of XYZ, adapted to D50 after Bradford, of primaries."""

    def to_xyz(point):
        return np.array([point[0] / point[1], 1, (1 - point[0] - point[1]) / point[1]])

    primaries = np.array([to_xyz(point) for point in xy]).T
    primaries *= np.linalg.solve(primaries, to_xyz(white))
    bradford = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
    scale = (bradford @ [0.9642, 1, 0.8249]) / (bradford @ to_xyz(white))
    return np.linalg.inv(bradford) @ np.diag(scale) @ bradford @ primaries


SRGB = [(0.64, 0.33), (0.30, 0.60), (0.15, 0.06)]
P3 = [(0.68, 0.32), (0.265, 0.69), (0.15, 0.06)]
ADOBE = [(0.64, 0.33), (0.21, 0.71), (0.15, 0.06)]
SRGB_CURVE = tag(
    b"para", struct.pack(">HH", 3, 0) + b"".join(map(fixed, [2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045]))
)


def gamma(value: float) -> bytes:
    return tag(b"curv", struct.pack(">IH", 1, round(value * 256)))


def rgb_profile(primaries, curve: bytes, swapped=False) -> bytes:
    columns = adapted(primaries)
    names = [b"gXYZ", b"bXYZ", b"rXYZ"] if swapped else [b"rXYZ", b"gXYZ", b"bXYZ"]
    tags = {name: tag(b"XYZ ", b"".join(map(fixed, columns[:, i]))) for i, name in enumerate(names)}
    return profile(b"RGB ", {**tags, b"rTRC": curve, b"gTRC": curve, b"bTRC": curve})


def cmyk_profile() -> bytes:
    """Inks with a cast of their own, as a table of four points a side."""
    side = 4
    level = np.linspace(0, 1, side)
    c, m, ye, k = np.meshgrid(level, level, level, level, indexing="ij")
    red = (1 - c * 0.95) * (1 - m * 0.12) * (1 - k)
    green = (1 - c * 0.35) * (1 - m * 0.85) * (1 - ye * 0.06) * (1 - k)
    blue = (1 - c * 0.1) * (1 - m * 0.4) * (1 - ye * 0.9) * (1 - k)
    colours = np.round(255 * np.stack([red, green, blue], axis=-1)).astype(np.uint8).reshape(-1, side, 3)
    lab = np.asarray(
        ImageCms.profileToProfile(
            Image.fromarray(colours, "RGB"),
            ImageCms.createProfile("sRGB"),
            ImageCms.createProfile("LAB"),
            outputMode="LAB",
        )
    ).astype(int)
    lab[:, :, 1:] = (lab[:, :, 1:] + 128) % 256  # Pillow's a and b are signed, the profile's have 128 for 0
    ramp = bytes(range(256))
    table = bytes([4, 3, side, 0]) + b"".join(map(fixed, np.eye(3).ravel()))
    body = table + 4 * ramp + lab.astype(np.uint8).tobytes() + 3 * ramp
    return profile(b"CMYK", {b"A2B0": tag(b"mft1", body)}, kind=b"prtr", connection=b"Lab ")


profiles = {
    "srgb": rgb_profile(SRGB, SRGB_CURVE),
    "p3": rgb_profile(P3, SRGB_CURVE),
    "adobe": rgb_profile(ADOBE, gamma(2.2)),
    "swapped": rgb_profile(SRGB, SRGB_CURVE, swapped=True),
    "grey": profile(b"GRAY", {b"kTRC": gamma(1.4)}),
    "cmyk": cmyk_profile(),
}


def to_srgb(image: Image.Image, icc: bytes) -> Image.Image:
    source = ImageCms.ImageCmsProfile(io.BytesIO(icc))
    return ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")


def exactly_to_srgb(image: Image.Image, primaries) -> Image.Image:
    """The same in double precision, for primaries with sRGB's curve."""
    encoded = np.asarray(image) / 255
    light = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    light = np.clip(light @ (np.linalg.inv(adapted(SRGB)) @ adapted(primaries)).T, 0, 1)
    encoded = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return Image.fromarray(np.round(255 * encoded).astype(np.uint8), "RGB")


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def shown(data: bytes) -> Image.Image:
    """The picture as Pillow sees it: turned, converted to sRGB, on white."""
    image = ImageOps.exif_transpose(opened(data))
    icc = image.info.get("icc_profile")
    opacity = None
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        image = image.convert("RGBA")
        opacity = image.getchannel("A")
        image = image.convert("RGB")
    if icc:
        image = to_srgb(image, icc)
    image = image.convert("RGB")
    if opacity is None:
        return image
    image.putalpha(opacity)
    return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")


def add(name: str, data: bytes, expected=None, largest=1, mean=None) -> None:
    expected = shown(data) if expected is None else expected
    (folder / name).write_bytes(data)
    expected.convert("RGB").save(folder / f"{name}.ppm")
    rows.append({"file": name, "largest": largest, "mean": largest if mean is None else mean})


def saved(image: Image.Image, kind: str, **options) -> bytes:
    stream = io.BytesIO()
    image.save(stream, format=kind, **options)
    return stream.getvalue()


def run(command: list[str], data: bytes, suffix: str, source_suffix=".png") -> bytes:
    """What a program makes of a file; SOURCE and TARGET stand for the two files' names."""
    with tempfile.TemporaryDirectory() as place:
        source, target = Path(place) / ("source" + source_suffix), Path(place) / ("target" + suffix)
        source.write_bytes(data)
        names = {"SOURCE": str(source), "TARGET": str(target)}
        subprocess.run([names.get(word, word) for word in command], check=True, capture_output=True)
        return target.read_bytes()


# --- JPEG ---


def without(data: bytes, wanted: int) -> bytes:
    """The file without its segments of one marker."""
    for marker, start, end in reversed(list(segments(data))):
        if marker == wanted:
            data = data[:start] + data[end:]
    return data


def make_jpegs() -> None:
    rgb = pixels.astype(np.int32)
    black = 255 - rgb.max(axis=2, keepdims=True)
    inks = 255 - np.clip(np.round(255 * rgb / np.maximum(255 - black, 1)), 0, 255)
    cmyk = Image.fromarray(np.concatenate([inks, black], axis=2).astype(np.uint8), "CMYK")
    for name, icc in {"": None, "_icc": profiles["cmyk"]}.items():
        adobe = saved(cmyk, "JPEG", quality=92, icc_profile=icc)
        add(f"cmyk_adobe{name}.jpg", adobe)
        add(f"cmyk_without_adobe{name}.jpg", without(adobe, 0xEE))
        luma = np.asarray(Image.fromarray(np.asarray(cmyk)[:, :, :3], "RGB").convert("YCbCr"))
        ycck = bytearray(
            saved(
                Image.fromarray(255 - np.concatenate([luma, 255 - black.astype(np.uint8)], axis=2), "CMYK"),
                "JPEG",
                quality=92,
                icc_profile=icc,
            )
        )
        start = next(start for marker, start, _ in segments(bytes(ycck)) if marker == 0xEE)
        ycck[start + 15] = 2
        add(f"ycck_adobe{name}.jpg", bytes(ycck))

    for name in ("srgb", "p3", "adobe", "swapped"):
        add(f"rgb_{name}.jpg", saved(picture, "JPEG", quality=92, icc_profile=profiles[name]), largest=2, mean=0.6)
    add(
        "progressive_p3.jpg",
        saved(picture, "JPEG", quality=90, progressive=True, subsampling="4:4:4", icc_profile=profiles["p3"]),
    )
    add("grey_icc.jpg", saved(grey, "JPEG", quality=92, icc_profile=profiles["grey"]))
    data = saved(grey, "JPEG", quality=92, icc_profile=profiles["p3"])
    add("grey_with_rgb_icc.jpg", data, to_srgb(opened(data).convert("RGB"), profiles["p3"]))
    plain = saved(picture, "JPEG", quality=92)
    expected = shown(plain)
    for name, icc in {
        "icc_cut": profiles["p3"][:200],
        "icc_noise": bytes(range(256)),
        "icc_of_inks": profiles["cmyk"],
    }.items():
        add(f"{name}.jpg", saved(picture, "JPEG", quality=92, icc_profile=icc), expected)
    parts = [profiles["p3"][:300], profiles["p3"][300:]]
    split = b"".join(
        b"\xff\xe2" + struct.pack(">H", 16 + len(part)) + b"ICC_PROFILE\0" + bytes([i + 1, 2]) + part
        for i, part in enumerate(parts)
    )
    add("icc_in_two_parts.jpg", plain[:2] + split + plain[2:], to_srgb(expected, profiles["p3"]))

    add("without_end.jpg", plain[:-2], expected)
    progressive = saved(picture, "JPEG", quality=80, progressive=True)
    add("progressive_without_end.jpg", progressive[:-2], shown(progressive))
    add("trailing.jpg", plain + b"\xff\xd8\xff" + bytes(range(200)), expected)
    restarts = saved(picture, "JPEG", quality=80, restart_marker_blocks=2)
    wrong = bytearray(restarts)
    start = [end for _, _, end in segments(restarts)][-1]
    for i in range(start, len(wrong) - 1):
        if wrong[i] == 0xFF and 0xD0 <= wrong[i + 1] <= 0xD7:
            wrong[i + 1] = 0xD0
    assert wrong != restarts
    add("restarts_numbered_wrongly.jpg", bytes(wrong), shown(restarts))
    turned = exif_segment(6, ">")
    end = next(end for _, _, end in segments(plain))
    stray = plain[:end] + b"\0\x12\x34" + turned + plain[end:]
    add("exif_after_stray_bytes.jpg", stray, ImageOps.exif_transpose(opened(plain[:2] + turned + plain[2:])))
    other = b"http://ns.adobe.com/xap/1.0/\0<x/>"
    xmp = b"\xff\xe1" + struct.pack(">H", len(other) + 2) + other
    add("exif_after_xmp.jpg", plain[:2] + xmp + turned + plain[2:])
    arithmetic = run(["jpegtran", "-arithmetic", "-outfile", "TARGET", "SOURCE"], plain, ".jpg", ".jpg")
    add("arithmetic.jpg", arithmetic, expected)


# --- PNG ---


def make_pngs() -> None:
    rgb = np.asarray(picture).astype(int)
    levels = np.asarray(grey).astype(int)[:, :, None]

    def icc_chunk(icc: bytes) -> bytes:
        return chunk(b"iCCP", b"icc\0\0" + zlib.compress(icc))

    for name in ("srgb", "p3", "adobe", "swapped"):
        add(f"rgb_{name}.png", saved(picture, "PNG", icc_profile=profiles[name]))
    add("grey_icc.png", saved(grey, "PNG", icc_profile=profiles["grey"]))
    add("rgba_p3.png", saved(translucent, "PNG", icc_profile=profiles["p3"]))
    add("rgb_16_p3.png", png(257 * rgb, 2, 16, icc_chunk(profiles["p3"])), exactly_to_srgb(picture, P3))
    add("interlaced_p3.png", png(rgb, 2, 8, icc_chunk(profiles["p3"]), True), to_srgb(picture, profiles["p3"]))
    wide = to_srgb(picture, profiles["p3"])
    cicp = chunk(b"cICP", bytes([12, 13, 0, 1]))
    add("cicp_p3.png", png(rgb, 2, 8, cicp), wide)
    add("cicp_before_icc.png", png(rgb, 2, 8, cicp + icc_chunk(profiles["swapped"])), wide)
    add(
        "cicp_linear.png",
        png(rgb, 2, 8, chunk(b"cICP", bytes([1, 8, 0, 1]))),
        to_srgb(picture, rgb_profile(SRGB, gamma(1))),
    )
    add("cicp_hdr_ignored.png", png(rgb, 2, 8, chunk(b"cICP", bytes([9, 16, 0, 1]))), picture)
    add(
        "icc_before_srgb.png",
        png(rgb, 2, 8, icc_chunk(profiles["p3"]) + chunk(b"gAMA", struct.pack(">I", 100_000))),
        wide,
    )
    points = struct.pack(">8I", *(round(100_000 * value) for value in (0.3127, 0.3290, *np.ravel(P3))))
    gama, chrm = chunk(b"gAMA", struct.pack(">I", 100_000)), chunk(b"cHRM", points)
    add("gama_and_chrm.png", png(rgb, 2, 8, gama + chrm), to_srgb(picture, rgb_profile(P3, gamma(1))))
    add("srgb_before_gama.png", png(rgb, 2, 8, chunk(b"sRGB", b"\0") + gama + chrm), picture)
    add("chrm_alone.png", png(rgb, 2, 8, chrm), picture)
    power = np.round(255 * (levels / 255) ** (1 / 2.2)).astype(np.uint8)
    add("grey_gama.png", png(levels, 0, 8, gama), Image.fromarray(np.repeat(power, 3, axis=2), "RGB"))
    add("icc_noise.png", png(rgb, 2, 8, icc_chunk(bytes(range(200)))), picture)

    plain = png(rgb, 2, 8)
    text = chunk(b"tEXt", b"Comment\0hello")
    add("text_checksum_wrong.png", png(rgb, 2, 8, text[:-1] + bytes([text[-1] ^ 1])), picture)
    damaged = icc_chunk(profiles["swapped"])
    add("icc_checksum_wrong.png", png(rgb, 2, 8, damaged[:-1] + bytes([damaged[-1] ^ 1])), picture)
    add("without_end.png", plain[:-12], picture)
    add("trailing.png", plain + bytes(range(100)), picture)
    raw = packed(rgb, 8)
    head = plain[: plain.index(b"IDAT") - 4]
    end = chunk(b"IEND", b"")
    stream = zlib.compress(raw, 9)
    add("adler_wrong.png", head + chunk(b"IDAT", stream[:-4] + b"\1\2\3\4") + end, picture)
    add("surplus_pixels.png", head + chunk(b"IDAT", zlib.compress(raw + bytes(100_000), 9)) + end, picture)
    exif = chunk(b"eXIf", exif_segment(8, "<")[10:])
    add("exif_after_pixels.png", plain[:-12] + exif + end, picture.transpose(Image.Transpose.ROTATE_90))
    other = photo("chelsea.png")
    add("animated.png", saved(picture, "PNG", save_all=True, append_images=[other]), picture)


# --- WebP, AVIF, HEIC ---


def make_modern() -> None:
    lossy = {"largest": 3, "mean": 0.6}
    add("lossy.webp", saved(picture, "WEBP", quality=85), **lossy)
    add("lossless.webp", saved(picture, "WEBP", lossless=True))
    add("lossy_alpha.webp", saved(translucent, "WEBP", quality=90), **lossy)
    add("lossless_alpha.webp", saved(translucent, "WEBP", lossless=True, exact=True))
    add("p3.webp", saved(picture, "WEBP", lossless=True, icc_profile=profiles["p3"]))
    exif = exif_segment(6, "<")[10:]
    add("turned.webp", saved(picture, "WEBP", lossless=True, exif=exif))
    add("turned_with_signature.webp", saved(picture, "WEBP", lossless=True, exif=b"Exif\0\0" + exif))
    other = photo("chelsea.png")
    add("animated.webp", saved(picture, "WEBP", lossless=True, save_all=True, append_images=[other]), picture)
    add("cwebp.webp", run(["cwebp", "-q", "80", "SOURCE", "-o", "TARGET"], saved(picture, "PNG"), ".webp"), **lossy)
    # A first frame that covers a part of the canvas.
    small = picture.crop((0, 0, 12, 8))
    frame = saved(small, "WEBP", lossless=True)[12:]
    anmf = struct.pack("<I", 4)[:3] + struct.pack("<I", 2)[:3] + struct.pack("<I", 11)[:3] + struct.pack("<I", 7)[:3]
    anmf += struct.pack("<I", 100)[:3] + b"\0" + frame
    vp8x = bytes([0x02, 0, 0, 0]) + struct.pack("<I", WIDTH - 1)[:3] + struct.pack("<I", HEIGHT - 1)[:3]

    def piece(name: bytes, body: bytes) -> bytes:
        return name + struct.pack("<I", len(body)) + body + bytes(len(body) % 2)

    body = b"WEBP" + piece(b"VP8X", vp8x) + piece(b"ANIM", bytes(6)) + piece(b"ANMF", anmf)
    canvas = Image.new("RGB", picture.size, "white")
    canvas.paste(small, (8, 4))
    add("animated_offset.webp", b"RIFF" + struct.pack("<I", len(body)) + body, canvas)

    for kind, name in (("AVIF", "avif"), ("HEIF", "heic")):
        # libheif repeats the samples of halved colours, Pillow's libavif interpolates.
        lossy = {"largest": 60, "mean": 5} if name == "avif" else {"largest": 2}
        options = {"subsampling": "4:4:4"} if name == "avif" else {"chroma": 444}
        add(f"full_colours.{name}", saved(picture, kind, quality=90, **options), largest=3, mean=1)
        add(f"plain.{name}", saved(picture, kind, quality=90), **lossy)
        add(f"alpha.{name}", saved(translucent, kind, quality=90), **lossy)
        add(f"p3.{name}", saved(picture, kind, quality=90, icc_profile=profiles["p3"], **options), largest=4, mean=1)
        add(f"turned.{name}", saved(picture, kind, quality=90, exif=exif), **lossy)
        for depth in (10, 12):
            command = ["avifenc", "-d", str(depth), "--min", "5", "--max", "5", "SOURCE", "TARGET"]
            if name == "heic":
                command = ["heif-enc", "-q", "90", "-b", str(depth), "SOURCE", "-o", "TARGET"]
            data = run(command, png(257 * pixels.astype(int), 2, 16), f".{name}")
            add(f"depth_{depth}.{name}", data, picture if name == "avif" else None, largest=16, mean=3)
        encoder = ["-A"] if name == "avif" else []
        data = run(["heif-enc", *encoder, "-q", "90", "SOURCE", "-o", "TARGET"], saved(grey, "PNG"), f".{name}")
        add(f"grey.{name}", data, grey.convert("RGB"), largest=10, mean=1.5)


# --- GIF, TIFF ---


def make_old() -> None:
    palette = picture.quantize(32)
    indices = np.asarray(palette)
    colours = np.array(palette.getpalette()).reshape(-1, 3)
    full = Image.fromarray(colours[indices].astype(np.uint8), "RGB")
    add("plain.gif", saved(palette, "GIF", interlace=0), full)
    add("interlaced.gif", saved(palette, "GIF", interlace=1), full)
    clear = Image.fromarray(np.where((indices == 3)[:, :, None], 255, np.asarray(full)).astype(np.uint8), "RGB")
    add("transparent.gif", saved(palette, "GIF", transparency=3), clear)
    add("animated.gif", saved(palette, "GIF", save_all=True, append_images=[photo("chelsea.png").quantize(32)]), full)
    # The frame's place: bytes 6 to 9 are the canvas, and the frame's begins after the ',' that follows the palette.
    moved = bytearray(saved(palette.crop((0, 0, 12, 8)), "GIF", interlace=0))
    comma = moved.index(b",", 13 + 3 * 2 ** ((moved[10] & 7) + 1))
    moved[6:10] = struct.pack("<HH", WIDTH, HEIGHT)
    moved[comma + 1 : comma + 5] = struct.pack("<HH", 8, 4)
    canvas = Image.new("RGB", picture.size, "white")
    canvas.paste(full.crop((0, 0, 12, 8)), (8, 4))
    add("offset.gif", bytes(moved), canvas)
    moved[6:10] = struct.pack("<HH", 5, 5)
    add("larger_than_canvas.gif", bytes(moved), canvas.crop((0, 0, 20, 12)))

    for name, compression in {
        "plain": None,
        "lzw": "tiff_lzw",
        "deflate": "tiff_adobe_deflate",
        "packbits": "packbits",
    }.items():
        add(f"{name}.tiff", saved(picture, "TIFF", compression=compression))
    add("jpeg.tiff", saved(picture, "TIFF", compression="jpeg", quality=92), largest=4, mean=1)
    add("grey.tiff", saved(grey, "TIFF"))
    add("bilevel.tiff", saved(grey.convert("1"), "TIFF", compression="group4"))
    add("palette.tiff", saved(palette, "TIFF"), full)
    add("rgba.tiff", saved(translucent, "TIFF"))
    add("p3.tiff", saved(picture, "TIFF", icc_profile=profiles["p3"]))
    add("turned.tiff", saved(picture, "TIFF", tiffinfo={274: 6}))
    cmyk = picture.convert("CMYK")
    add("cmyk.tiff", saved(cmyk, "TIFF"))
    add("cmyk_icc.tiff", saved(cmyk, "TIFF", icc_profile=profiles["cmyk"]))
    source = saved(picture, "PNG")
    deep = png(257 * pixels.astype(int), 2, 16)
    vips = ["vips", "tiffsave", "SOURCE", "TARGET"]
    add("tiled.tiff", run([*vips, "--tile", "--tile-width", "16", "--tile-height", "16"], source, ".tiff"), picture)
    add("depth_16.tiff", run(vips, deep, ".tiff"), picture)
    add(
        "pyramid.tiff",
        run([*vips, "--tile", "--pyramid", "--tile-width", "16", "--tile-height", "16"], source, ".tiff"),
        picture,
    )
    convert = ["convert", "SOURCE"]
    add("big_endian.tiff", run([*convert, "-endian", "MSB", "TARGET"], source, ".tiff"), picture)
    add("planar.tiff", run([*convert, "-interlace", "plane", "TARGET"], source, ".tiff"), picture)
    add(
        "min_is_white.tiff",
        run([*convert, "-define", "quantum:polarity=min-is-white", "TARGET"], saved(grey, "PNG"), ".tiff"),
    )


if __name__ == "__main__":
    folder.mkdir(exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    make_jpegs()
    make_pngs()
    make_modern()
    make_old()
    lines = ",\n".join("  " + json.dumps(row) for row in rows)
    (folder / "table.json").write_text(f"[\n{lines}\n]\n")
    print(f"{len(rows)} files, {sum(path.stat().st_size for path in folder.iterdir())} bytes")
