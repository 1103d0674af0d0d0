"""The rendered pool as training reads it."""

import json
import pathlib

import numpy as np


class SceneSet:
    """Scenes of a pool folder: pictures N×S×S×3 and labels N×(S/8)×(S/8), both uint8, and main motifs, N.

    The renderer may still be running. Only complete scenes are used; `refresh` updates their number.
    """

    def __init__(self, folder: str | pathlib.Path):
        self.folder = pathlib.Path(folder)
        self.pictures = np.load(self.folder / "pictures.npy", mmap_mode="r")
        self.labels = np.load(self.folder / "labels.npy", mmap_mode="r")
        self.motifs = np.load(self.folder / "motifs.npy", mmap_mode="r")
        self.side: int = self.pictures.shape[1]
        self.motif_names: list[str] = []
        self.refresh()

    def refresh(self) -> None:
        manifest = json.loads((self.folder / "manifest.json").read_text())
        self.motif_names, self.count = manifest["motifs"], manifest["complete"]

    def __len__(self) -> int:
        return self.count
