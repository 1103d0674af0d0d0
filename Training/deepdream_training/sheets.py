"""Contact sheets: dreams of the judged pictures, of each layer, and of each motif's channels.

python -m deepdream_training.sheets pictures CHECKPOINT SHEET.jpg
"""

import argparse
import pathlib
from dataclasses import replace

import cv2
import numpy as np
import torch

from . import checkpoints, dreaming, pictures
from .network import LAYERS, InceptionV3
from .objectives.evidence import EVIDENCE_LAYER, channel_motifs


def labelled(picture: np.ndarray, text: str) -> np.ndarray:
    """A copy with a line of text in its corner."""
    picture = np.ascontiguousarray(picture)
    for colour, thickness in (((0, 0, 0), 3), ((255, 255, 255), 1)):
        cv2.putText(picture, text, (4, 15), cv2.FONT_HERSHEY_SIMPLEX, 0.42, colour, thickness, cv2.LINE_AA)
    return picture


def grid(tiles: list[np.ndarray], columns: int) -> np.ndarray:
    """Arranges tiles of one size in rows; the rest of the last row is black."""
    tiles = tiles + [np.zeros_like(tiles[0])] * (-len(tiles) % columns)
    return np.vstack([np.hstack(tiles[first : first + columns]) for first in range(0, len(tiles), columns)])


def write(path: pathlib.Path, picture: np.ndarray, quality: int = 85) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not cv2.imwrite(str(path), picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality]):
        raise OSError(f"{path} cannot be written")


def fitted(picture: np.ndarray, width: int, height: int) -> np.ndarray:
    """The centre of a picture, scaled to this size."""
    scale = max(width / picture.shape[1], height / picture.shape[0])
    picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    top, left = (picture.shape[0] - height) // 2, (picture.shape[1] - width) // 2
    return picture[top : top + height, left : left + width]


def tensor_of(chosen: dict[str, np.ndarray], width: int, height: int) -> torch.Tensor:
    """Pictures of one size as N×3×H×W."""
    return torch.cat([dreaming.to_tensor(fitted(picture, width, height)) for picture in chosen.values()])


def picture_sheet(
    network: InceptionV3, recipes: dict[str, dreaming.Recipe], chosen: dict[str, np.ndarray], width: int, height: int
) -> np.ndarray:
    """Pictures with their dreams by each recipe."""
    start = tensor_of(chosen, width, height)
    dreams = {title: dreaming.dream_tensor(network, start, recipe) for title, recipe in recipes.items()}
    tiles = []
    for index, name in enumerate(chosen):
        tiles.append(labelled(dreaming.to_picture(start, index), name))
        tiles += [labelled(dreaming.to_picture(dream, index), title) for title, dream in dreams.items()]
    return grid(tiles, (2 if len(recipes) < 3 else 1) * (1 + len(recipes)))


def layer_sheet(network: InceptionV3, picture: np.ndarray) -> np.ndarray:
    """A picture and its dream of each layer alone."""
    tiles = [labelled(fitted(picture, 320, 240), "photo")]
    for layer in LAYERS:
        recipe = replace(dreaming.RECOMMENDED, layers={layer: 1.0})
        tiles.append(labelled(fitted(dreaming.dream(network, picture, recipe), 320, 240), layer))
    return grid(tiles, 4)


def motif_weights(motifs: int, channels: int) -> torch.Tensor:
    """For each motif 1 at its channels of the evidence layer, motifs×channels."""
    return torch.nn.functional.one_hot(channel_motifs(channels, motifs), motifs).T.float()


def channel_sheet(network: InceptionV3, motif_names: list[str], side: int = 128) -> np.ndarray:
    """Dreams of each motif's channels of the evidence layer."""
    weights = motif_weights(len(motif_names), network.channels[EVIDENCE_LAYER])
    found = torch.cat([dreaming.exciting(network, part, EVIDENCE_LAYER, side) for part in weights.split(17)])
    return grid([labelled(dreaming.to_picture(found, index), name) for index, name in enumerate(motif_names)], 12)


def main() -> None:
    parser = argparse.ArgumentParser(description="Makes a contact sheet of a checkpoint's dreams.")
    parser.add_argument("kind", choices=("pictures", "layers", "channels"))
    parser.add_argument("checkpoint", type=pathlib.Path)
    parser.add_argument("sheet", type=pathlib.Path)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--only", nargs="*", help="names of pictures")
    parser.add_argument("--size", type=int, nargs=2, default=(256, 192), help="width and height of a tile")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    network, _, motif_names = checkpoints.averaged_network(arguments.checkpoint)
    if arguments.kind == "pictures":
        recipes = {"recommended": dreaming.RECOMMENDED, "plain": dreaming.PLAIN}
        chosen = {name: p for name, p in pictures.judged().items() if not arguments.only or name in arguments.only}
        sheet = picture_sheet(network, recipes, chosen, *arguments.size)
    elif arguments.kind == "layers":
        sheet = layer_sheet(network, pictures.photo("coffee"))
    else:
        sheet = channel_sheet(network, motif_names)
    write(arguments.sheet, sheet)


if __name__ == "__main__":
    main()
