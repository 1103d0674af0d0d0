"""Makes batches of crops from the pool's scenes, with the motif at each position, and augments them."""

import itertools
import math
import queue
import threading
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from torch.nn import functional

from .dataset import SceneSet

#: Side of the square in a crop that has one label.
LABEL_STRIDE = 4
#: The label of positions without a motif.
NONE = 255


#: How many batches to make before checking the pool for new scenes.
REFRESH = 200
#: How many different starts the run of noise can have.
STATIC_SHIFTS = 1_000_003


@dataclass
class Batch:
    """Pictures N×3×S×S in [-1, 1], labels N×(S/4)×(S/4) (motif index or 255) and each scene's main motif, N."""

    pictures: torch.Tensor
    labels: torch.Tensor
    motifs: torch.Tensor


@dataclass(frozen=True)
class Augmentation:
    """How strongly crops are augmented."""

    size: int = 128
    mix: float = 0.4
    noise: float = 0.3
    palette: float = 0.5
    hue: float = 0.25


class CropLoader:
    """Makes batches of crops in a thread; the same seed gives the same batches."""

    def __init__(self, scenes: SceneSet, batch: int, augmentation: Augmentation, seed: list[int]):
        self.scenes, self.batch, self.augmentation = scenes, batch, augmentation
        self.random = np.random.default_rng(seed)
        self.torch_random = torch.Generator().manual_seed(int(self.random.integers(2**31)))
        self.palettes = motif_palettes(len(scenes.motif_names))
        self.static = torch.randn(batch * 3 * augmentation.size**2 + STATIC_SHIFTS, generator=self.torch_random)
        self.queue: queue.Queue = queue.Queue(4)
        threading.Thread(target=self._produce, daemon=True).start()

    def next(self) -> Batch:
        batch = self.queue.get()
        if isinstance(batch, Exception):
            raise batch
        pictures, labels, motifs = (torch.from_numpy(part) for part in batch)
        made = Batch(pictures.permute(0, 3, 1, 2).float().mul_(2 / 255).sub_(1), labels, motifs)
        self._paint(made)
        self._mix(made)
        self._add_noise(made)
        made.pictures = made.pictures.contiguous(memory_format=torch.channels_last)
        return made

    def _produce(self) -> None:
        cv2.setNumThreads(1)
        try:
            for number in itertools.count():
                if number % REFRESH == 0:
                    self.scenes.refresh()
                self.queue.put(self._crops())
        except Exception as error:  # passed on to the thread that waits for batches
            self.queue.put(error)

    def _crops(self) -> tuple[np.ndarray, ...]:
        size, count = self.augmentation.size, self.batch
        chosen = self.random.integers(0, len(self.scenes), count)
        pictures = np.empty((count, size, size, 3), np.uint8)
        labels = np.empty((count, size // LABEL_STRIDE, size // LABEL_STRIDE), np.uint8)
        for place, (index, colours) in enumerate(zip(chosen, self._colour_changes(), strict=True)):
            matrix = self._placement(size)
            crop = cv2.warpAffine(
                self.scenes.pictures[index],
                matrix,
                (size, size),
                flags=cv2.INTER_LINEAR,
                borderMode=cv2.BORDER_REFLECT_101,
            )
            cv2.transform(crop, colours, dst=pictures[place])
            labels[place] = warped_labels(self.scenes.labels[index], matrix, size)
        return pictures, labels, self.scenes.motifs[chosen].astype(np.int64)

    def _placement(self, size: int) -> np.ndarray:
        """A random similarity from a scene to a crop, 2×3: zoom, slight or any rotation, mirror, shift."""
        random, side = self.random, self.scenes.side
        zoom = random.uniform(0.8, 1.4) * size / 128
        angle = random.normal() * 0.2 if random.random() < 0.85 else random.uniform(0, math.tau)
        mirror = random.choice([-1, 1])
        linear = zoom * np.array(
            [[math.cos(angle) * mirror, -math.sin(angle)], [math.sin(angle) * mirror, math.cos(angle)]]
        )
        slack = max(0, side * zoom - size) / 2 * 0.9
        centre = size / 2 + random.uniform(-slack, slack, 2)
        return np.c_[linear, centre - linear @ np.full(2, side / 2)]

    def _colour_changes(self) -> np.ndarray:
        """Affine changes of colour, N×3×4, for pixels of 0 to 255: hue, saturation, contrast, tint."""
        random, count = self.random, self.batch
        angles = random.normal(size=count) * self.augmentation.hue * (random.random(count) < 0.5)
        saturation = np.where(random.random(count) < 0.5, random.uniform(0.6, 1.8, count), 1.0)[:, None, None]
        matrices = hue_rotations(angles) * saturation + (1 - saturation) / 3
        matrices *= np.exp(random.uniform(-0.8, 0.3, count))[:, None, None]
        tints = random.normal(size=(count, 3)) * 0.06 + random.normal(size=(count, 1)) * 0.12
        grey = np.full(3, 127.5)
        offsets = grey - matrices @ grey + 127.5 * tints
        return np.concatenate([matrices, offsets[..., None]], 2)

    def _chosen(self, count: int, probability: float) -> torch.Tensor:
        return torch.nonzero(torch.rand(count, generator=self.torch_random) < probability)[:, 0]

    def _paint(self, batch: Batch) -> None:
        """Recolours some pictures, at each position with the palette of its motif, so that dreams learn colours."""
        chosen = self._chosen(len(batch.pictures), self.augmentation.palette)
        if len(chosen) == 0:
            return
        pictures, labels = batch.pictures[chosen], batch.labels[chosen].long()
        none = len(self.palettes) - 1
        chroma = self.palettes[labels.clamp(max=none).where(labels != NONE, none)]  # n×h×w×3 tones×3 colours
        count, height, width = labels.shape
        chroma = chroma.permute(0, 3, 4, 1, 2).reshape(count, 9, height, width)
        size = pictures.shape[-1]
        chroma = functional.interpolate(chroma, size=(size, size), mode="bilinear").view(count, 3, 3, size, size)
        luma = pictures.mean(1, keepdim=True)
        dark, light = (-luma / 0.6).clamp(0, 1), (luma / 0.6).clamp(0, 1)
        tones = torch.cat([dark, 1 - dark - light, light], 1)
        painted = torch.einsum("nthw,ntchw->nchw", tones, chroma) * (1 - 0.5 * luma * luma)
        share = torch.rand(count, 1, 1, 1, generator=self.torch_random) * 0.6 + 0.3
        strength = torch.rand(count, 1, 1, 1, generator=self.torch_random) * 0.6 + 0.5
        mixed = luma + (1 - share) * (pictures - luma) + share * strength * painted
        batch.pictures[chosen] = mixed.clamp(-1, 1)

    def _mix(self, batch: Batch) -> None:
        """Copies a square of the next picture in the batch into each picture, with its labels."""
        random, size = self.random_for_mix(), self.augmentation.size
        if random.random() >= self.augmentation.mix:
            return
        cells = size // LABEL_STRIDE
        side = round(cells * math.sqrt(1 - random.random()))
        top, left = random.integers(0, cells - side + 1, 2)
        rows, columns = slice(top, top + side), slice(left, left + side)
        batch.labels[:, rows, columns] = batch.labels.roll(1, 0)[:, rows, columns]
        rows, columns = (slice(s.start * LABEL_STRIDE, s.stop * LABEL_STRIDE) for s in (rows, columns))
        batch.pictures[:, :, rows, columns] = batch.pictures.roll(1, 0)[:, :, rows, columns]

    def random_for_mix(self) -> np.random.Generator:
        """A NumPy generator seeded from torch's, because the loading thread owns the other one."""
        return np.random.default_rng(int(torch.randint(2**31, (1,), generator=self.torch_random)))

    def _add_noise(self, batch: Batch) -> None:
        """Adds noise of varying strength, taken from one long run of random numbers at a random start."""
        shape = batch.pictures.shape
        strength = torch.rand(shape[0], 1, 1, 1, generator=self.torch_random) * self.augmentation.noise
        first = int(torch.randint(STATIC_SHIFTS, (1,), generator=self.torch_random))
        static = self.static[first : first + shape.numel()].view(shape[0], *shape[2:], shape[1]).permute(0, 3, 1, 2)
        batch.pictures = torch.addcmul(batch.pictures, strength, static)


def warped_labels(labels: np.ndarray, matrix: np.ndarray, size: int) -> np.ndarray:
    """The labels of a crop, (size/4)×(size/4), from a scene's (h×w, one for 8×8 pixels) and its placement."""
    stride = 8
    inverse = cv2.invertAffineTransform(matrix)
    centres = np.arange(size // LABEL_STRIDE) * LABEL_STRIDE + LABEL_STRIDE / 2
    columns, rows = np.meshgrid(centres, centres)
    period = 2 * len(labels) * stride
    found = []
    for line in inverse:
        place = np.abs(line[0] * columns + line[1] * rows + line[2]) % period
        place = np.minimum(place, period - 1e-3 - place)  # mirrored at the border, as the picture is
        found.append(np.clip(place / stride, 0, len(labels) - 1).astype(np.int64))
    return labels[found[1], found[0]]


def hue_rotations(angles: np.ndarray) -> np.ndarray:
    """Rotations N×3×3 of RGB about the grey axis."""
    cosine, sine = np.cos(angles), np.sin(angles)
    same, side = (1 - cosine) / 3, np.sqrt(1 / 3) * sine
    entries = [
        cosine + same, same - side, same + side,
        same + side, cosine + same, same - side,
        same - side, same + side, cosine + same,
    ]  # fmt: skip
    return np.stack(entries, 1).reshape(-1, 3, 3)


def motif_palettes(count: int) -> torch.Tensor:
    """The chroma (mean-free RGB) of dark, middle and light tones of each motif, (count + 1)×3×3; the last is grey.

    Hues advance by the golden ratio, so any two motifs differ. Dark and light tones have other hues than the middle
    one.
    """
    random = np.random.default_rng(5)
    palettes = np.zeros((count + 1, 3, 3), np.float32)
    for motif in range(count):
        hue = motif * 0.618034 + random.normal() * 0.03
        offsets = random.choice([-0.33, 0.2, 0.33, 0.45]), random.choice([-0.15, 0.15, 0.5])
        for tone, tone_hue in enumerate((hue, hue + offsets[0], hue + offsets[1])):
            pixel = np.array([[[tone_hue % 1 * 360, 1, 1]]], np.float32)
            colour = cv2.cvtColor(pixel, cv2.COLOR_HSV2RGB)[0, 0]
            palettes[motif, tone] = colour - colour.mean()
    return torch.from_numpy(palettes)
