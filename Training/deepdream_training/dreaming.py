"""Dreams in Python, like those of `Sources/DeepDream` except for the resampling filters and the random numbers.

Use this to judge checkpoints. The pictures of the documentation are made by the project's own command.
"""

from dataclasses import dataclass, field, replace

import cv2
import numpy as np
import torch
from torch.nn import functional

from .network import LAYERS, InceptionV3

EPSILON = 1e-8
SMALLEST_SIDE = 75


@dataclass(frozen=True)
class Recipe:
    """A recipe's fields, with the project's names.

    `channels` weights the channels of a layer; it applies only without diversity.
    """

    layers: dict[str, float] = field(default_factory=lambda: {"mixed3": 1.0, "mixed5": 1.0})
    diversity: float = 0.0
    selectivity: float = 0.0
    steps: int = 25
    step_size: float = 0.02
    octaves: int = 4
    octave_scale: float = 1.4
    jitter: int = 16
    bands: tuple[float, ...] = (0.0, 2.0)
    seed: int = 0
    channels: dict[str, torch.Tensor] | None = None

    def text(self) -> str:
        """The recipe as the metadata of a model file contains it."""
        layers = ",".join(layer if weight == 1 else f"{layer}:{weight:g}" for layer, weight in self.layers.items())
        bands = ",".join(f"{band:g}" for band in self.bands)
        return (
            f"layers={layers}&diversity={self.diversity:g}&selectivity={self.selectivity:g}&steps={self.steps}"
            f"&step_size={self.step_size:g}&octaves={self.octaves}&octave_scale={self.octave_scale:g}"
            f"&jitter={self.jitter}&bands={bands}"
        )


#: What the prototype recommended.
OCTAVES = Recipe()
#: What this network recommends: mixed4 draws crisply, mixed6 and mixed7 add shapes and colours, and small octaves make
#: them large.
RECOMMENDED = Recipe(
    layers={"mixed4": 1.0, "mixed6": 1.0, "mixed7": 1.0},
    diversity=0.8,
    selectivity=0.5,
    steps=20,
    step_size=0.025,
    octaves=5,
    octave_scale=1.5,
    # Shifts as long as the network's padding reaches leave no dark frame.
    jitter=64,
)
#: The recipe for dreaming a motif on a canvas: more and longer steps than for a photo.
MOTIF = Recipe(selectivity=0.5, steps=60, step_size=0.03, octave_scale=1.3, bands=(0.0, 1.0, 3.0))
#: 100 steps of 0.01 on one octave, no bands.
PLAIN = Recipe(steps=100, step_size=0.01, octaves=1, jitter=0, bands=(0.0,))


def to_tensor(picture: np.ndarray) -> torch.Tensor:
    """H×W×3 uint8 to 1×3×H×W in [-1, 1]."""
    values = torch.from_numpy(np.ascontiguousarray(picture)).float().mul(2 / 255).sub(1)
    return values.permute(2, 0, 1)[None].contiguous(memory_format=torch.channels_last)


def to_picture(values: torch.Tensor, index: int = 0) -> np.ndarray:
    """One of N×3×H×W in [-1, 1] to H×W×3 uint8."""
    pixels = (values[index].permute(1, 2, 0).numpy() + 1) * 127.5
    return pixels.clip(0, 255).round().astype(np.uint8)


#: With diversity, the channels' means are raised by this share of their mean.
RAISE = 0.05


def power_means(means: torch.Tensor, diversity: float) -> torch.Tensor:
    """The power mean of order 1 - diversity over channels, each raised by a share of the mean of all: N×C to N."""
    if diversity == 0:
        return means.mean(1)
    # The tiny number keeps the logarithm finite if nothing is excited.
    logarithms = (means + RAISE * means.mean(1, keepdim=True) + 1e-12).log()
    if diversity == 1:
        return logarithms.mean(1).exp()
    order = 1 - diversity
    return ((order * logarithms).exp().mean(1)) ** (1 / order)


#: A mean is raised by this share of the layer's mean, times selectivity.
SELECTIVE_RAISE = 0.1


def selective(mean: torch.Tensor, layer_mean: torch.Tensor, selectivity: float) -> torch.Tensor:
    """The slightly raised mean of some channels, divided by their whole layer's mean to the power of selectivity."""
    return (mean + SELECTIVE_RAISE * selectivity * layer_mean) / layer_mean.clamp(min=1e-12) ** selectivity


def objective(network: InceptionV3, values: torch.Tensor, recipe: Recipe) -> torch.Tensor:
    """The weighted sum of the layers' mean activations (weighted by channel if the recipe says so), over pictures."""
    last = max(recipe.layers, key=LAYERS.index)
    activations = network.layers(values, last)
    total = values.new_zeros(())
    for layer, weight in recipe.layers.items():
        means = activations[layer].float().mean((2, 3))
        weights = recipe.channels.get(layer) if recipe.channels else None
        if weights is None:
            # Negative weights use the arithmetic mean, as in Swift.
            value = power_means(means, recipe.diversity if weight > 0 else 0)
        elif recipe.diversity:
            raise ValueError("channel weights cannot be used with diversity: weight 0 would count as silent")
        elif recipe.selectivity and weight > 0:
            value = selective((means * weights).sum(1) / weights.sum(-1), means.mean(1), recipe.selectivity)
        else:
            value = (means * weights).mean(1)
        total = total + weight * value.sum()
    return total


def blurred(gradient: torch.Tensor, deviation: float) -> torch.Tensor:
    """A Gaussian blur of N×3×H×W, mirrored at the border."""
    radius = min(int(3 * deviation + 0.5), gradient.shape[2] - 1, gradient.shape[3] - 1)
    offsets = torch.arange(-radius, radius + 1).float()
    kernel = torch.exp(-0.5 * (offsets / deviation) ** 2)
    kernel = (kernel / kernel.sum()).repeat(3, 1, 1, 1)
    padded = functional.pad(gradient, [radius] * 4, mode="reflect")
    return functional.conv2d(functional.conv2d(padded, kernel, groups=3), kernel.transpose(2, 3), groups=3)


def direction(gradient: torch.Tensor, bands: tuple[float, ...]) -> torch.Tensor:
    """The normalised bands of each picture's gradient, summed and normalised."""
    total = torch.zeros_like(gradient)
    for band in bands:
        part = blurred(gradient, band) if band > 0 else gradient
        total = total + part / (deviation(part) + EPSILON)
    return total / (deviation(total) + EPSILON)


def deviation(values: torch.Tensor) -> torch.Tensor:
    """The standard deviation of each picture, N×1×1×1."""
    return values.std((1, 2, 3), keepdim=True)


def ascend(
    network: InceptionV3, values: torch.Tensor, recipe: Recipe, random: torch.Generator, half: bool = True
) -> torch.Tensor:
    """The steps of one octave."""
    for _ in range(recipe.steps):
        shift = torch.randint(-recipe.jitter, recipe.jitter + 1, (2,), generator=random).tolist()
        values = values.roll(shift, (2, 3)).contiguous(memory_format=torch.channels_last).requires_grad_(True)
        with torch.autocast("cpu", torch.bfloat16, enabled=half):
            value = objective(network, values, recipe)
        (gradient,) = torch.autograd.grad(value, values)
        with torch.no_grad():
            values = values.detach() + recipe.step_size * direction(gradient, recipe.bands)
            values = values.clamp(-1, 1).roll([-s for s in shift], (2, 3))
    return values


def resized(values: torch.Tensor, height: int, width: int) -> torch.Tensor:
    return functional.interpolate(values, size=(height, width), mode="bilinear", antialias=True, align_corners=False)


def dream_tensor(network: InceptionV3, whole: torch.Tensor, recipe: Recipe, half: bool = True) -> torch.Tensor:
    """The dreams of pictures N×3×H×W in [-1, 1], computed independently of each other."""
    height, width = whole.shape[2:]
    random = torch.Generator().manual_seed(recipe.seed)
    dreamt, photo = None, None
    for octave in reversed(range(recipe.octaves)):
        scale = recipe.octave_scale**octave
        size = max(SMALLEST_SIDE, round(height / scale)), max(SMALLEST_SIDE, round(width / scale))
        larger = resized(whole, *size) if octave else whole
        start = larger if dreamt is None else resized(dreamt - photo, *size) + larger
        photo = larger
        dreamt = ascend(network, start, recipe, random, half)
    return dreamt


def dream(network: InceptionV3, picture: np.ndarray, recipe: Recipe, half: bool = True) -> np.ndarray:
    """The dream of a picture H×W×3 uint8, of the same size. `half` computes in bfloat16, enough for judging."""
    return to_picture(dream_tensor(network, to_tensor(picture), recipe, half))


def canvas(side: int, seed: int) -> np.ndarray:
    """Coloured blots of several sizes on grey, which excite every channel a little: side×side×3 uint8."""
    random = np.random.default_rng(seed)
    blots = np.zeros((side, side, 3), np.float32)
    for size in (2, 5, 12):
        noise = cv2.GaussianBlur(random.standard_normal((side, side, 3)).astype(np.float32), (0, 0), size)
        blots += 15 * noise / noise.std()
    return (128 + blots).clip(0, 255).astype(np.uint8)


def exciting(network: InceptionV3, weights: torch.Tensor, layer: str, side: int = 160, seed: int = 0) -> torch.Tensor:
    """Dreams of a canvas that excite a layer's channels, weighted by N×C: N×3×side×side."""
    start = to_tensor(canvas(side, seed)).repeat(len(weights), 1, 1, 1)
    return dream_tensor(network, start, replace(MOTIF, layers={layer: 1.0}, channels={layer: weights}, seed=seed))
