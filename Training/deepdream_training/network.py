"""InceptionV3 without its classifier, at reduced widths, under the project's names.

The topology and the names are those of `Sources/VisionNet/Network/InceptionV3.swift`: a unit `mixed0.branch1x1` here is
the convolution `mixed0.branch1x1` of the exported file. Pictures are N×3×H×W in [-1, 1].
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional

EPSILON = 1e-3
#: The momentum of BatchNorm's statistics in training.
MOMENTUM = 0.05
CHANNEL_MULTIPLE = 8
LAYERS = tuple(f"mixed{number}" for number in range(11))
#: The blocks of the tail, which has its own width.
TAIL = ("mixed8", "mixed9", "mixed10")
#: The units whose channels form a layer, in order (the last channels of mixed3 are those of mixed2, pooled).
PRODUCERS = {
    "mixed2": ("branch1x1", "branch5x5_2", "branch3x3dbl_3", "branch_pool"),
    "mixed3": ("branch3x3", "branch3x3dbl_3"),
    "mixed5": ("branch1x1", "branch7x7_3", "branch7x7dbl_5", "branch_pool"),
}


@dataclass(frozen=True)
class Widths:
    """Factors for the published channel counts, in the stem to mixed7 and in the tail, and the least count."""

    body: float
    tail: float
    minimum: int = CHANNEL_MULTIPLE

    def channels(self, published: int, block: str = "") -> int:
        """The channels of a convolution; halves round to even, as in Swift."""
        factor = self.tail if block in TAIL else self.body
        return max(self.minimum, round(published * factor / CHANNEL_MULTIPLE) * CHANNEL_MULTIPLE)


class ConvolutionUnit(nn.Module):
    """A convolution, BatchNorm and ReLU.

    While `frozen`, BatchNorm's statistics are constants, and the unit computes the folded convolution: the same
    function with less memory traffic.
    """

    def __init__(self, inputs: int, outputs: int, kernel: tuple[int, int], stride: int = 1, padded: bool = True):
        super().__init__()
        self.kernel = nn.Parameter(torch.empty(outputs, inputs, *kernel))
        nn.init.kaiming_normal_(self.kernel, mode="fan_out", nonlinearity="relu")
        self.norm = nn.BatchNorm2d(outputs, eps=EPSILON, momentum=MOMENTUM)
        self.stride = stride
        self.padding = (kernel[0] // 2, kernel[1] // 2) if padded else (0, 0)
        self.frozen = False
        #: The slope of the ReLU below zero.
        self.leak = 0.0

    def effective_kernel(self) -> torch.Tensor:
        """The kernel that the convolution uses: outputs×inputs×height×width."""
        return self.kernel

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        kernel = self.effective_kernel()
        if not self.frozen:
            return self._relu(self.norm(functional.conv2d(inputs, kernel, None, self.stride, self.padding)))
        scale = self.norm.weight / torch.sqrt(self.norm.running_var + EPSILON)
        bias = self.norm.bias - self.norm.running_mean * scale
        folded = kernel * scale[:, None, None, None]
        return self._relu(functional.conv2d(inputs, folded, bias, self.stride, self.padding))

    def _relu(self, values: torch.Tensor) -> torch.Tensor:
        if self.leak > 0:
            return functional.leaky_relu(values, self.leak)
        return functional.relu(values, inplace=self.frozen)


class LowPassUnit(ConvolutionUnit):
    """The first convolution: a colour matrix times the binomial low-pass (1, 2, 1) × (1, 2, 1).

    Its transpose with stride 2 is bilinear interpolation, so gradients at the picture show no grain and no grid.
    """

    def __init__(self, inputs: int, outputs: int, stride: int):
        super().__init__(inputs, outputs, (1, 1), stride, padded=False)
        binomial = torch.tensor([0.25, 0.5, 0.25])
        self.register_buffer("low_pass", torch.outer(binomial, binomial), persistent=False)

    def effective_kernel(self) -> torch.Tensor:
        return self.kernel * self.low_pass


class Chain(nn.Module):
    """Modules in sequence, named as in the description."""

    def __init__(self, modules: dict[str, nn.Module]):
        super().__init__()
        for name, module in modules.items():
            self.add_module(name, module)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        for module in self.children():
            inputs = module(inputs)
        return inputs


class Concatenation(nn.Module):
    """Parallel branches whose channels are concatenated in order."""

    def __init__(self, branches: list[nn.Module]):
        super().__init__()
        self.branches = nn.ModuleList(branches)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        return torch.cat([branch(inputs) for branch in self.branches], 1)


class AveragePool(nn.Module):
    """3×3 with stride 1; the padding does not count, as in Keras."""

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        return functional.avg_pool2d(inputs, 3, 1, 1, count_include_pad=False)


class _Builder:
    """Makes a block's units and keeps track of the channel counts."""

    def __init__(self, widths: Widths, block: str):
        self.widths, self.block = widths, block

    def count(self, published: int) -> int:
        return self.widths.channels(published, self.block)

    def chain(self, inputs: int, *steps: tuple) -> tuple[nn.Module, int]:
        """A branch from (name, published channels, kernel[, stride]); a stride of 2 is not padded."""
        units = {}
        for name, published, kernel, *stride in steps:
            outputs = self.count(published)
            kernel = (kernel, kernel) if isinstance(kernel, int) else kernel
            units[name] = ConvolutionUnit(inputs, outputs, kernel, *stride, padded=stride != [2])
            inputs = outputs
        return Chain(units), inputs

    def pooled(self, inputs: int, published: int) -> tuple[nn.Module, int]:
        chain, outputs = self.chain(inputs, ("branch_pool", published, 1))
        return nn.Sequential(AveragePool(), chain), outputs

    def split(self, inputs: int, steps: list[tuple], heads: list[tuple]) -> tuple[nn.Module, int]:
        """A chain whose output goes through several convolutions in parallel."""
        chain, middle = self.chain(inputs, *steps)
        ends = [self.chain(middle, head) for head in heads]
        return nn.Sequential(chain, Concatenation([end for end, _ in ends])), sum(count for _, count in ends)

    @staticmethod
    def block_of(branches: list[tuple[nn.Module, int]]) -> tuple[nn.Module, int]:
        return Concatenation([branch for branch, _ in branches]), sum(count for _, count in branches)


def _stem(widths: Widths, low_pass: bool) -> tuple[nn.Module, int]:
    first, second, third, fourth, fifth = (widths.channels(count) for count in (32, 32, 64, 80, 192))
    begin = LowPassUnit(3, first, stride=2) if low_pass else ConvolutionUnit(3, first, (3, 3), 2, padded=False)
    stem = Chain(
        {
            "Conv2d_1a_3x3": begin,
            "Conv2d_2a_3x3": ConvolutionUnit(first, second, (3, 3), padded=False),
            "Conv2d_2b_3x3": ConvolutionUnit(second, third, (3, 3)),
            "pool_1": nn.MaxPool2d(3, 2),
            "Conv2d_3b_1x1": ConvolutionUnit(third, fourth, (1, 1)),
            "Conv2d_4a_3x3": ConvolutionUnit(fourth, fifth, (3, 3), padded=False),
            "pool_2": nn.MaxPool2d(3, 2),
        }
    )
    return stem, fifth


def _block35(build: _Builder, inputs: int, pooled: int) -> tuple[nn.Module, int]:
    return build.block_of(
        [
            build.chain(inputs, ("branch1x1", 64, 1)),
            build.chain(inputs, ("branch5x5_1", 48, 1), ("branch5x5_2", 64, 5)),
            build.chain(inputs, ("branch3x3dbl_1", 64, 1), ("branch3x3dbl_2", 96, 3), ("branch3x3dbl_3", 96, 3)),
            build.pooled(inputs, pooled),
        ]
    )


def _reduction17(build: _Builder, inputs: int) -> tuple[nn.Module, int]:
    return build.block_of(
        [
            build.chain(inputs, ("branch3x3", 384, 3, 2)),
            build.chain(inputs, ("branch3x3dbl_1", 64, 1), ("branch3x3dbl_2", 96, 3), ("branch3x3dbl_3", 96, 3, 2)),
            (nn.MaxPool2d(3, 2), inputs),
        ]
    )


def _block17(build: _Builder, inputs: int, inner: int) -> tuple[nn.Module, int]:
    row, column = (1, 7), (7, 1)
    return build.block_of(
        [
            build.chain(inputs, ("branch1x1", 192, 1)),
            build.chain(inputs, ("branch7x7_1", inner, 1), ("branch7x7_2", inner, row), ("branch7x7_3", 192, column)),
            build.chain(
                inputs,
                ("branch7x7dbl_1", inner, 1),
                ("branch7x7dbl_2", inner, column),
                ("branch7x7dbl_3", inner, row),
                ("branch7x7dbl_4", inner, column),
                ("branch7x7dbl_5", 192, row),
            ),
            build.pooled(inputs, 192),
        ]
    )


def _reduction8(build: _Builder, inputs: int) -> tuple[nn.Module, int]:
    return build.block_of(
        [
            build.chain(inputs, ("branch3x3_1", 192, 1), ("branch3x3_2", 320, 3, 2)),
            build.chain(
                inputs,
                ("branch7x7x3_1", 192, 1),
                ("branch7x7x3_2", 192, (1, 7)),
                ("branch7x7x3_3", 192, (7, 1)),
                ("branch7x7x3_4", 192, 3, 2),
            ),
            (nn.MaxPool2d(3, 2), inputs),
        ]
    )


def _block8(build: _Builder, inputs: int) -> tuple[nn.Module, int]:
    row, column = (1, 3), (3, 1)
    return build.block_of(
        [
            build.chain(inputs, ("branch1x1", 320, 1)),
            build.split(
                inputs,
                [("branch3x3_1", 384, 1)],
                [("branch3x3_2a", 384, row), ("branch3x3_2b", 384, column)],
            ),
            build.split(
                inputs,
                [("branch3x3dbl_1", 448, 1), ("branch3x3dbl_2", 384, 3)],
                [("branch3x3dbl_3a", 384, row), ("branch3x3dbl_3b", 384, column)],
            ),
            build.pooled(inputs, 192),
        ]
    )


#: The argument that differs between blocks of the same shape: published channels of the pooled branch, or inside the
#: 7×7 branches.
POOLED35 = (32, 64, 64)
INNER17 = (128, 160, 160, 192)


class InceptionV3(nn.Module):
    """Stem and mixed0 … mixed10. Without `low_pass`, the first kernel is an ordinary one, as in an exported file."""

    def __init__(self, widths: Widths, low_pass: bool = True):
        super().__init__()
        self.widths = widths
        self.channels: dict[str, int] = {}
        self.stem, count = _stem(widths, low_pass)
        for name in LAYERS:
            block, count = self._block(name, count)
            self.add_module(name, block)
            self.channels[name] = count

    def _block(self, name: str, inputs: int) -> tuple[nn.Module, int]:
        build, number = _Builder(self.widths, name), int(name.removeprefix("mixed"))
        if number < 3:
            return _block35(build, inputs, POOLED35[number])
        if number == 3:
            return _reduction17(build, inputs)
        if number < 8:
            return _block17(build, inputs, INNER17[number - 4])
        return _reduction8(build, inputs) if number == 8 else _block8(build, inputs)

    def layers(self, pictures: torch.Tensor, last: str = LAYERS[-1]) -> dict[str, torch.Tensor]:
        """The activations of every layer up to `last`, each N×C×h×w."""
        activations = {}
        current = self.stem(pictures)
        for name in LAYERS[: LAYERS.index(last) + 1]:
            current = getattr(self, name)(current)
            activations[name] = current
        return activations

    def units(self) -> dict[str, ConvolutionUnit]:
        """Every convolution under the project's name, in the order of the network's description."""
        found = {}
        for path, module in self.named_modules():
            if isinstance(module, ConvolutionUnit):
                parts = path.split(".")
                block = "" if parts[0] == "stem" else parts[0] + "."
                found[block + parts[-1]] = module
        return found

    def freeze_norms(self, frozen: bool = True) -> None:
        """Makes BatchNorm's statistics constant, or lets them follow the data again."""
        for unit in self.units().values():
            unit.frozen = frozen

    @contextmanager
    def leaking(self, layer: str, leak: float) -> Iterator[None]:
        """A context in which the ReLUs of a layer's channels leak, so that silent channels have a gradient.

        Negative values pass multiplied by `leak`.
        """
        units = self.units()
        producers = [units[f"{layer}.{name}"] for name in PRODUCERS[layer]]
        for unit in producers:
            unit.leak = leak
        try:
            yield
        finally:
            for unit in producers:
                unit.leak = 0.0


def grid_centres(layer: str, count: int) -> torch.Tensor:
    """The centres of the first `count` positions of a layer, in pixels of the picture along one side.

    Unpadded convolutions and pools move the first position inward.
    """
    number = int(layer.removeprefix("mixed"))
    stride, first = (8, 13) if number < 3 else (16, 21) if number < 8 else (32, 37)
    return first + stride * torch.arange(count)
