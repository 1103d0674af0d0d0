"""Writes the results as Markdown and JSON."""

import datetime
import json
import os
import platform
import subprocess
from pathlib import Path

#: How many parts of a plan the page shows.
SLOWEST = 12

NAMES = {
    "deepdream": "deepdream",
    "deepdream fast": "deepdream, fast",
    "openblas": "deepdream, OpenBLAS",
    "tensorflow": "TensorFlow",
    "pytorch": "PyTorch",
    "pytorch bf16": "PyTorch bf16",
}

NETWORK_PEERS = "deepdream", "deepdream fast", "pytorch"


def machine():
    """The machine that the figures were measured on."""
    lines = [line.split(":", 1) for line in Path("/proc/cpuinfo").read_text().splitlines() if ":" in line]
    info = {key.strip(): value.strip() for key, value in lines}
    flags = info.get("flags", info.get("Features", "")).split()
    names = {"avx2": "AVX2", "avx512f": "AVX-512", "avx512_bf16": "AVX-512 BF16", "asimd": "NEON", "bf16": "BF16"}
    described = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=Path(__file__).parent, capture_output=True, text=True
    )
    family = " ".join(info.get(key, "?") for key in ("cpu family", "model"))
    return {
        "cpu": f"{info.get('model name', platform.machine())} (family and model {family})",
        "cores": os.cpu_count(),
        "vectors": [name for flag, name in names.items() if flag in flags],
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "commit": described.stdout.strip() or "unknown",
        "date": datetime.date.today().isoformat(),
        "load": [round(load, 1) for load in os.getloadavg()],
    }


def has_bf16():
    """Whether this CPU multiplies bfloat16 numbers itself."""
    return bool({"AVX-512 BF16", "BF16"} & set(machine()["vectors"]))


def bars(results):
    """Each goal: what, the bar, the more ambitious bar, the figure (None if not measured), its unit."""
    service = results.get("service", {})

    def ratio(size, peer):
        for entry in results["steps"]:
            if entry["size"] == size and entry["threads"] == results["machine"]["cores"]:
                return entry["contenders"].get(peer, {}).get("ratio", {}).get("median")
        return None

    def network_ratio(network, size):
        for entry in results["networks"]:
            if (entry["network"], entry["size"]) == (network, size):
                return entry["contenders"]["pytorch"]["ratio"]["median"]
        return None

    def figure(*path):
        value = service
        for key in path:
            value = value.get(key) if isinstance(value, dict) else None
        return value

    return [
        ("step, fp32, 225x225, against TensorFlow", 0.40, 0.33, ratio("225x225", "tensorflow"), "×"),
        ("step, fp32, 512x512, against TensorFlow", 0.48, 0.38, ratio("512x512", "tensorflow"), "×"),
        ("the old program's request, against Flask and TensorFlow", 0.40, 0.22, figure("one", "ratio", "median"), "×"),
        ("such a request with precision=fast", 0.30, 0.22, figure("one", "fast_ratio", "median"), "×"),
        (
            "step of EfficientNet-Lite0, 224x224, against PyTorch",
            *(0.35, 0.20, network_ratio("efficientnet_lite0", "224x224"), "×"),
        ),
        (
            "step of EfficientNet-Lite0, 512x512, against PyTorch",
            *(0.35, 0.20, network_ratio("efficientnet_lite0", "512x512"), "×"),
        ),
        ("its recommended recipe, 512x384, over HTTP", 0.6, 0.35, results.get("lite0_recipe_seconds"), "s"),
        ("step of VGG-16, 224x224, against PyTorch", 0.50, 0.35, network_ratio("vgg16", "224x224"), "×"),
        ("step of GoogLeNet, 224x224, against PyTorch", 0.45, 0.30, network_ratio("googlenet", "224x224"), "×"),
        ("process start to /readyz 200, full width", 0.5, 0.15, figure("start_seconds"), "s"),
        ("peak memory after those requests", 200, 120, figure("peak_megabytes", "ours"), "MB"),
        ("2048x2048, one step, peak memory", 700, 400, figure("large_megabytes"), "MB"),
        ("24 megapixels, detail=restore, peak memory", 700, 400, figure("huge", "restored", "megabytes"), "MB"),
        ("24 megapixels in tiles, one step, peak memory", 700, 600, figure("huge", "tiled", "megabytes"), "MB"),
        ("embedded model, 512x384, 100 steps over HTTP", 1.5, 0.8, figure("embedded", "plain"), "s"),
        ("step beside an equally busy process", 2.3, 2.05, figure("neighbour", "median"), "×"),
    ]


def _number(value):
    if value is None:
        return "not measured"
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def _range(ratio):
    return f"{ratio['median']:.2f} ({ratio['least']:.2f}–{ratio['greatest']:.2f})" if ratio else ""


def _rows(header, rows):
    yield "| " + " | ".join(header) + " |"
    yield "|" + "---|" * len(header)
    for row in rows:
        yield "| " + " | ".join(row) + " |"


def _bars(results):
    rows = []
    for what, bar, ambitious, figure, unit in bars(results):
        if figure is None:
            verdict = ""
        else:
            verdict = "second bar reached" if figure <= ambitious else "reached" if figure <= bar else "**not reached**"
        measured = "not measured" if figure is None else f"{_number(figure)} {unit}"
        rows.append((what, f"≤ {bar} {unit}", f"≤ {ambitious} {unit}", measured, verdict))
    return _rows(("", "bar", "second bar", "measured", ""), rows)


def _steps(results):
    present = [name for name in NAMES if any(name in entry["contenders"] for entry in results["steps"])]
    peers = [name for name in present if not name.startswith("deepdream")]
    rows = []
    for entry in results["steps"]:
        contenders = entry["contenders"]
        row = [entry["size"], str(entry["threads"]), str(len(contenders["deepdream"]["rounds"]))]
        row += [_number(contenders[name]["milliseconds"]) if name in contenders else "" for name in present]
        row += [_range(contenders.get(name, {}).get("ratio")) for name in peers]
        rows.append(row)
    header = ["size", "threads", "rounds", *(f"{NAMES[name]}, ms" for name in present)]
    header += [f"ours / {NAMES[name]}" for name in peers]
    return _rows(header, rows)


def _networks(results):
    rows = []
    for entry in results["networks"]:
        contenders = entry["contenders"]
        cells = [_number(contenders[name]["milliseconds"]) if name in contenders else "" for name in NETWORK_PEERS]
        ratio = _range(contenders["pytorch"]["ratio"])
        rows.append([entry["network"], f"`{entry['layers']}`", entry["size"], *cells, ratio])
    peers = [f"{NAMES[name]}, ms" for name in NETWORK_PEERS]
    return _rows(["network", "layers", "size", *peers, "ours / PyTorch"], rows)


def _service(service):
    has_fast = "fast" in service["one"]
    rows = []
    for what, key in (("one request", "one"), ("4 at once", "at_once")):
        compared = service[key]
        row = [what, f"{_number(compared['ours'])} s", f"{_number(compared['flask'])} s", _range(compared["ratio"])]
        if has_fast:
            row += [f"{_number(compared['fast'])} s", _range(compared["fast_ratio"])]
        rows.append(row)
    peak = service["peak_megabytes"]
    row = ["peak memory", f"{_number(peak['ours'])} MB", f"{_number(peak['flask'])} MB", ""]
    rows.append([*row, f"{_number(peak['fast'])} MB", ""] if has_fast else row)
    header = ["225x225, 100 steps, full width", "deepdream serve", "Flask and TensorFlow", "ours / theirs"]
    return _rows(header + ["precision=fast", "fast / theirs"] * has_fast, rows)


def _plans(plans):
    """The slowest parts of a step at each size."""
    for plan in plans:
        slowest = sorted(plan["steps"], key=lambda step: -step["milliseconds"])[:SLOWEST]
        rows = [
            (
                step["name"],
                step["method"],
                _number(step["milliseconds"]),
                _number(step["gigaflops"]) if "gigaflops" in step else "",
                f"{100 * step['gigaflops'] / step['peakGigaflops']:.0f} %" if "peakGigaflops" in step else "",
            )
            for step in slowest
        ]
        yield (
            f"{plan['size']}, {plan['precision']} precision, {plan['threads']} threads, "
            f"{len(plan['steps'])} parts, {_number(plan['milliseconds'])} ms:"
        )
        yield ""
        yield from _rows(("part (a prime: backward)", "method", "ms", "GFLOPS", "of the peak"), rows)
        yield ""


def markdown(results):
    """The results as a page."""
    machine, versions = results["machine"], results["versions"]
    peers = ", ".join(f"{NAMES[name]} {version}" for name, version in versions.items())
    lines = [
        "# Benchmarks",
        "",
        "Made by `make bench`; `results.json` has every round. Times depend on the machine and on what else it is\n"
        "doing. The ratios compare contenders that took turns in one run.",
        "",
        f"- {machine['cpu']}, {machine['cores']} cores, {', '.join(machine['vectors'])}; {machine['system']}",
        f"- deepdream {machine['commit']}; {peers}",
        f"- {machine['date']}; load before and after: {machine['load'][0]}, {results['load_after']}",
        "",
        "## Goals",
        "",
        *_bars(results),
        "",
        "## One gradient step",
        "",
        "One step runs the full-width InceptionV3 with random weights forward to mixed3 and mixed5 and backward to\n"
        "the picture, then normalises the gradient, adds it and clips. It computes in float32, or in bfloat16 in the\n"
        "columns called fast and bf16; the ratio to PyTorch bf16 is that of our fast precision. Milliseconds are\n"
        "medians; ratios are the median of the rounds, with the least and the greatest.",
        "",
        *_steps(results),
        "",
        *(f"{note}\n" for note in results["notes"]),
        "![time of a step](steps.svg)",
    ]
    if results["networks"]:
        lines += [
            "",
            "## Other networks",
            "",
            "A step of the layers named on all threads. PyTorch's memory is channels-last, batch normalisation folded.",
            "",
            *_networks(results),
        ]
    if service := results.get("service"):
        embedded = service["embedded"]
        restored, tiled = service["huge"]["restored"], service["huge"]["tiled"]
        lines += [
            "",
            "## Whole requests over HTTP",
            "",
            *_service(service),
            "",
            f"- Process start to the first 200 of `/readyz`, full width: {_number(1000 * service['start_seconds'])} ms",
            f"- Embedded model, 512x384: its own recipe {_number(embedded['default'])} s, 100 plain steps "
            f"{_number(embedded['plain'])} s, peak memory {_number(embedded['peak_megabytes'])} MB",
            f"- One step at 2048x2048: peak memory of the process {_number(service['large_megabytes'])} MB",
            f"- A photo of 24 megapixels with detail=restore: {_number(restored['seconds'])} s, peak memory "
            f"{_number(restored['megabytes'])} MB; one step in tiles: {_number(tiled['seconds'])} s, "
            f"{_number(tiled['megabytes'])} MB",
            f"- A step beside an equally busy process takes {_range(service['neighbour'])} × the undisturbed time",
            "",
            "## The slowest parts of a step",
            "",
            "Each part is run by itself, and the shortest of several times is shown (`deepdream bench --plan`).\n"
            "GFLOPS count the operations of a direct convolution. Winograd's algorithm needs fewer, so its share\n"
            "of the peak can exceed 100 %.",
            "",
            *_plans(service["plans"]),
        ]
    return "\n".join(lines).rstrip() + "\n"


def write(results, directory):
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "README.md").write_text(markdown(results))
    (directory / "results.json").write_text(json.dumps(results, indent=1) + "\n")
