"""Draws the times of the steps as a bar chart."""

import matplotlib
from matplotlib import pyplot

from report import NAMES

matplotlib.use("Agg")
# Keep text as text, and make the same file from the same results.
matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "deepdream"})

COLOURS = {
    "deepdream": "#5b3fd6",
    "deepdream fast": "#8f7ae6",
    "openblas": "#b6a8f0",
    "tensorflow": "#e8833a",
    "pytorch": "#c8452f",
    "pytorch bf16": "#e8a79c",
}


def write(results, directory):
    """Writes steps.png and steps.svg: a panel per number of threads, a group of bars per size."""
    entries = results["steps"]
    threads = sorted({entry["threads"] for entry in entries})
    figure, panels = pyplot.subplots(
        1, len(threads), figsize=(5.5 * len(threads), 4), sharey=True, squeeze=False, layout="constrained"
    )
    for count, panel in zip(threads, panels[0], strict=True):
        groups = [entry for entry in entries if entry["threads"] == count]
        for position, entry in enumerate(groups):
            present = [name for name in NAMES if name in entry["contenders"]]
            width = 0.8 / len(present)
            for index, name in enumerate(present):
                milliseconds = entry["contenders"][name]["milliseconds"]
                x = position + (index - (len(present) - 1) / 2) * width
                panel.bar(x, milliseconds, width, color=COLOURS[name])
                panel.annotate(f"{milliseconds:.0f}", (x, milliseconds), ha="center", va="bottom", fontsize=7)
        panel.set_xticks(range(len(groups)), [entry["size"].replace("x", "×") for entry in groups])
        panel.set_title(f"{count} thread" + ("s" if count > 1 else ""))
        panel.set_yscale("log")
        panel.spines[["top", "right"]].set_visible(False)
    panels[0][0].set_ylabel("milliseconds per step")
    used = [name for name in NAMES if any(name in entry["contenders"] for entry in entries)]
    handles = [pyplot.Rectangle((0, 0), 1, 1, color=COLOURS[name]) for name in used]
    figure.legend(handles, [NAMES[name] for name in used], loc="outside lower center", ncols=len(used), frameon=False)
    for form, metadata in (("png", None), ("svg", {"Date": None})):
        figure.savefig(directory / f"steps.{form}", dpi=150, metadata=metadata)
    pyplot.close(figure)
