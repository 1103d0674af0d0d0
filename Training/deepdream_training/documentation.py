"""Makes the pictures of the documentation with the project's own command.

python -m deepdream_training.documentation ../.build/release/deepdream ../docs/images --prototype OLD.safetensors
"""

import argparse
import pathlib
import subprocess
import tempfile

import cv2
import numpy as np

from . import dreaming, pictures, sheets
from .network import LAYERS
from .objectives.evidence import EVIDENCE_LAYER
from .scenes import motif_names

#: The values of diversity and selectivity that the rows show.
SHARES = ("0", "0.25", "0.5", "0.75", "1")


class Command:
    """The command `deepdream dream` with one model, with files in a folder of its own."""

    def __init__(self, executable: pathlib.Path, folder: pathlib.Path, model: str):
        self.executable, self.folder, self.model = executable, folder, model

    def dream(self, picture: np.ndarray, *options: str, size: str = "original") -> np.ndarray:
        """The dream of a picture H×W×3 uint8, of the same size or another."""
        before, after = self.folder / "before.png", self.folder / "after.png"
        cv2.imwrite(str(before), picture[..., ::-1])
        command = [self.executable, "dream", before, after, "--model", self.model, "--size", size, *options]
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
        return np.ascontiguousarray(cv2.imread(str(after))[..., ::-1])


def gallery(command: Command) -> np.ndarray:
    """The twelve pictures of `pictures.judged`, before and after, two pairs in a row."""
    tiles = []
    for picture in pictures.judged().values():
        tiles += [sheets.fitted(picture, 320, 240), sheets.fitted(command.dream(picture), 320, 240)]
    return sheets.grid(tiles, 4)


def plain(command: Command) -> np.ndarray:
    """Pictures and their dreams by the old program's steps, at their own sizes."""
    tiles = []
    for name in ("coffee", "chelsea", "clouds"):
        picture = pictures.judged()[name]
        dream = command.dream(picture, "--preset", "classic")
        tiles += [sheets.fitted(picture, 240, 180), sheets.fitted(dream, 240, 180)]
    return sheets.grid(tiles, 6)


def large(command: Command, name: str, size: tuple[int, int]) -> np.ndarray:
    """The dream of a photo that is cropped to a size's shape, made at that size and returned at half of it."""
    width, height = size
    photo = sheets.fitted(pictures.photo(name), width // 4, height // 4)
    dream = command.dream(photo, size=f"{width}x{height}")
    return cv2.resize(dream, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)


def series(command: Command, option: str, rows: list[tuple[str, str, list[str]]]) -> np.ndarray:
    """Dreams with increasing values of an option. Each row has a picture's name, a title and other options."""
    tiles = []
    for name, title, others in rows:
        picture = pictures.judged()[name]
        tiles.append(sheets.labelled(sheets.fitted(picture, 240, 180), title))
        for share in SHARES:
            dream = command.dream(picture, option, share, *others)
            tiles.append(sheets.labelled(sheets.fitted(dream, 240, 180), share))
    return sheets.grid(tiles, 1 + len(SHARES))


def diversities(command: Command) -> np.ndarray:
    return series(command, "--diversity", [(name, name, []) for name in ("coffee", "dusk")])


def selectivities(command: Command) -> np.ndarray:
    motifs = ("butterfly", "zebra")
    return series(
        command, "--selectivity", [("clouds", motif, ["--layers", f"{EVIDENCE_LAYER}[{motif}]"]) for motif in motifs]
    )


def layers(command: Command) -> np.ndarray:
    """A photo and its dream of each layer alone."""
    photo = pictures.photo("coffee")
    tiles = [sheets.labelled(sheets.fitted(photo, 320, 240), "photo")]
    for layer in LAYERS:
        dream = command.dream(photo, "--layers", layer)
        tiles.append(sheets.labelled(sheets.fitted(dream, 320, 240), layer))
    return sheets.grid(tiles, 4)


def channels(command: Command, side: int = 160) -> np.ndarray:
    """Dreams of each motif, all from the same canvas."""
    canvas = dreaming.canvas(side, seed=0)
    fields = (pair.split("=") for pair in dreaming.MOTIF.text().split("&"))
    options = [part for name, value in fields if name != "layers" for part in (f"--{name}".replace("_", "-"), value)]
    tiles = []
    for name in motif_names():
        dream = command.dream(canvas, "--layers", f"{EVIDENCE_LAYER}[{name}]", *options)
        tiles.append(sheets.labelled(dream, name))
    return sheets.grid(tiles, 10)


#: The presets of EfficientNet-Lite0, as `Preset.swift` has them.
PRESETS = (
    "subtle", "medium", "recommended", "wild", "puppies", "creature", "eyes", "flowers", "birds", "architecture",
    "strokes", "woodcut",
)  # fmt: skip

#: Classes of ImageNet that dream well.
CLASSES = (
    "golden retriever", "Samoyed", "tabby", "red fox", "tiger", "giant panda", "macaw", "flamingo", "peacock",
    "bald eagle", "great grey owl", "goldfish", "jellyfish", "monarch butterfly", "ladybug", "tarantula", "daisy",
    "strawberry", "artichoke", "sports car", "steam locomotive", "palace", "volcano", "pirate",
)  # fmt: skip


def presets(command: Command) -> np.ndarray:
    """A photo of a thing, an animal and clouds, dreamt with each preset."""
    tiles = []
    for preset in PRESETS:
        for name in ("coffee", "chelsea", "clouds"):
            dream = command.dream(pictures.judged()[name], "--preset", preset)
            tiles.append(sheets.labelled(sheets.fitted(dream, 240, 180), preset))
    return sheets.grid(tiles, 6)


def sizes_of_lite(commands: list[Command]) -> np.ndarray:
    """A photo of a thing, an animal and clouds, dreamt by several networks with what each recommends."""
    tiles = []
    for command in commands:
        for name in ("coffee", "chelsea", "clouds"):
            dream = command.dream(pictures.judged()[name])
            tiles.append(sheets.labelled(sheets.fitted(dream, 320, 240), command.model.split("_")[-1]))
    return sheets.grid(tiles, 3)


def linear_layers(command: Command) -> np.ndarray:
    """A photo and its dream of each layer of EfficientNet-Lite0 alone: blocks by squares, as no ReLU follows them."""
    photo = pictures.photo("coffee")
    tiles = [sheets.labelled(sheets.fitted(photo, 240, 180), "photo")]
    for block in range(2, 16):
        for layer in (f"e{block}", f"d{block}", f"b{block}:l2"):
            dream = command.dream(photo, "--layers", layer)
            tiles.append(sheets.labelled(sheets.fitted(dream, 240, 180), layer))
    return sheets.grid(tiles, 6)


def classes(command: Command, side: int = 256) -> np.ndarray:
    """Dreams of some classes of ImageNet: from clouds, and from grey noise."""
    grey = 128 + 12 * np.random.default_rng(0).standard_normal((side, side, 1))
    starts = (sheets.fitted(pictures.judged()["clouds"], side, side), np.uint8(grey.clip(0, 255)).repeat(3, 2))
    options = ["--steps", "64", "--step-size", "0.02", "--octaves", "3", "--bands", "1,4"]
    tiles = []
    for name in CLASSES:
        for start in starts:
            dream = command.dream(start, "--layers", f"logits[{name}]", *options)
            tiles.append(sheets.labelled(sheets.fitted(dream, 160, 160), name))
    return sheets.grid(tiles, 8)


def main() -> None:
    parser = argparse.ArgumentParser(description="Makes the documentation's pictures with the project's command.")
    parser.add_argument("command", type=pathlib.Path)
    parser.add_argument("images", type=pathlib.Path)
    parser.add_argument("--prototype", type=pathlib.Path, help="also dream the gallery by this model file")
    parser.add_argument("--only-imagenet", action="store_true", help="leave out the embedded network's pictures")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:

        def model(name: str) -> Command:
            return Command(arguments.command.resolve(), pathlib.Path(folder), name)

        def write(name: str, picture: np.ndarray, *quality: int) -> None:
            sheets.write(arguments.images / name, picture, *quality)

        command = model("efficientnet_lite0")
        photo = cv2.imread(str(arguments.images / "coffee.jpg"))[..., ::-1]
        write("coffee-dream.jpg", command.dream(photo), 90)
        write("chelsea.jpg", pictures.photo("chelsea", longer=512))
        write("chelsea-dream.jpg", command.dream(pictures.photo("chelsea", longer=512)), 90)
        write("efficientnet_lite0-gallery.jpg", gallery(command))
        write("efficientnet_lite0-presets.jpg", presets(command))
        write("efficientnet_lite0-classes.jpg", classes(command))
        write("efficientnet_lite0-layers.jpg", linear_layers(command))
        lites = [f"efficientnet_lite{size}" for size in range(3)]
        for name in lites[1:]:
            subprocess.run([arguments.command.resolve(), "model", "fetch", name], check=True)
        write("efficientnet_lite-sizes.jpg", sizes_of_lite([model(name) for name in lites]))
        if arguments.only_imagenet:
            return
        command = model("embedded")
        write("gallery.jpg", gallery(command))
        write("layers.jpg", layers(command))
        write("diversity.jpg", diversities(command))
        write("selectivity.jpg", selectivities(command))
        write("channels.jpg", channels(command))
        write("plain.jpg", plain(command))
        write("panorama-dream.jpg", large(command, "coffee", (2048, 640)))
        write("portrait-dream.jpg", large(command, "astronaut", (900, 1600)))
        if arguments.prototype:
            write("gallery-prototype.jpg", gallery(model(str(arguments.prototype.resolve()))))


if __name__ == "__main__":
    main()
