"""Networks besides InceptionV3 in PyTorch, with the weights of our model files and folded batch normalisation.

Each is a module from a picture in [-1, 1] to the objective of `LAYERS`.
"""

import torch
from torch import nn
from torch.nn import functional

#: The layers of the measured step, as `deepdream bench --layers` takes them.
LAYERS = {"efficientnet_lite0": "e11,b10:l2", "vgg16": "relu5_1", "googlenet": "inception4c"}

#: Lines of EfficientNet-Lite0's table: expansion, channels, repeats, stride, kernel.
LITE0_BLOCKS = (
    (1, 16, 1, 1, 3),
    (6, 24, 2, 2, 3),
    (6, 40, 2, 2, 5),
    (6, 80, 3, 2, 3),
    (6, 112, 3, 1, 5),
    (6, 192, 4, 2, 5),
)
#: GoogLeNet's inception modules, to 4c.
GOOGLENET_MODULES = "3a", "3b", "4a", "4b", "4c"
#: Convolutions in each stage of VGG-16, to conv5_1.
VGG16_STAGES = 2, 2, 3, 3, 1


def folded(weights, name, epsilon):
    """Kernel (outputs, inputs, height, width) and bias of a convolution of a model file."""
    tensors = {
        part.removeprefix(f"{name}."): torch.from_numpy(array.copy())
        for part, array in weights.items()
        if part.startswith(f"{name}.")
    }
    kernel = tensors["kernel"]
    if "moving_mean" not in tensors:
        return kernel.permute(3, 2, 0, 1), tensors["bias"]
    scale = (tensors["moving_variance"] + epsilon).rsqrt()
    scale = scale * tensors.get("gamma", torch.ones_like(scale))
    bias = tensors["beta"] - tensors["moving_mean"] * scale
    return (kernel * scale).permute(3, 2, 0, 1), bias


class Network(nn.Module):
    """Convolutions by name, in channels-last memory."""

    def __init__(self):
        super().__init__()
        self.convolutions = nn.ModuleDict()

    def add(self, weights, name, stride=1, padding=0, groups=1, epsilon=1e-3):
        kernel, bias = folded(weights, name, epsilon)
        outputs, inputs, height, width = kernel.shape
        convolution = nn.Conv2d(inputs * groups, outputs, (height, width), stride, padding, groups=groups)
        convolution.weight.data = kernel.contiguous(memory_format=torch.channels_last)
        convolution.bias.data = bias
        self.convolutions[name.replace(".", "/")] = convolution

    def convolve(self, name, x):
        return self.convolutions[name.replace(".", "/")](x)


class EfficientNetLite0(Network):
    """The mean of `e11` and the mean of squares of `b10`. Padding is TensorFlow's."""

    def __init__(self, weights):
        super().__init__()
        self.blocks = []
        self.add(weights, "stem", stride=2)
        inputs = 32
        for expansion, channels, repeats, first_stride, kernel in LITE0_BLOCKS:
            for repetition in range(repeats):
                stride = first_stride if repetition == 0 else 1
                name = f"b{len(self.blocks)}"
                is_last = name == "b11"
                if expansion > 1:
                    self.add(weights, f"{name}.expand")
                if not is_last:
                    padding = kernel // 2 if stride == 1 else 0
                    self.add(weights, f"{name}.depthwise", stride, padding, groups=inputs * expansion)
                    self.add(weights, f"{name}.project")
                self.blocks.append((name, expansion, stride, kernel, stride == 1 and inputs == channels))
                inputs = channels
                if is_last:
                    self.requires_grad_(False)
                    return

    @staticmethod
    def padded(x, kernel):
        """Zeros for a convolution of stride 2, more at the bottom and right."""
        zeros = [max(0, (-(-size // 2) - 1) * 2 + kernel - size) for size in x.shape[:1:-1]]
        return functional.pad(x, [part for total in zeros for part in (total // 2, total - total // 2)])

    def forward(self, x):
        squares = 0
        x = functional.relu6(self.convolve("stem", self.padded(x, 3)), inplace=True)
        for name, expansion, stride, kernel, is_residual in self.blocks:
            inner = x
            if expansion > 1:
                inner = functional.relu6(self.convolve(f"{name}.expand", inner), inplace=True)
            if name == "b11":
                return inner.mean(dtype=torch.float32) + squares
            if stride == 2:
                inner = self.padded(inner, kernel)
            inner = functional.relu6(self.convolve(f"{name}.depthwise", inner), inplace=True)
            inner = self.convolve(f"{name}.project", inner)
            x = x + inner if is_residual else inner
            if name == "b10":
                squares = x.float().square().mean()
        raise AssertionError("block 11 ends the loop")


class VGG16(Network):
    """The mean of `relu5_1`."""

    def __init__(self, weights):
        super().__init__()
        for stage, count in enumerate(VGG16_STAGES, 1):
            for index in range(1, count + 1):
                self.add(weights, f"conv{stage}_{index}", padding=1)
        self.mean = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1)
        self.deviation = torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1)
        self.requires_grad_(False)

    def forward(self, x):
        x = ((x + 1) / 2 - self.mean) / self.deviation
        for stage, count in enumerate(VGG16_STAGES, 1):
            if stage > 1:
                x = functional.max_pool2d(x, 2)
            for index in range(1, count + 1):
                x = functional.relu(self.convolve(f"conv{stage}_{index}", x), inplace=True)
        return x.mean(dtype=torch.float32)


class GoogLeNet(Network):
    """The mean of `inception4c`."""

    def __init__(self, weights):
        super().__init__()
        self.add(weights, "conv1", stride=2, padding=3)
        self.add(weights, "conv2")
        self.add(weights, "conv3", padding=1)
        for module in GOOGLENET_MODULES:
            for branch in ("branch1", "branch2.0", "branch2.1", "branch3.0", "branch3.1", "branch4.1"):
                is_wide = branch in ("branch2.1", "branch3.1")
                self.add(weights, f"inception{module}.{branch}", padding=1 if is_wide else 0)
        self.requires_grad_(False)

    def rectified(self, name, x):
        return functional.relu(self.convolve(name, x), inplace=True)

    def forward(self, x):
        x = functional.max_pool2d(self.rectified("conv1", x), 3, 2, ceil_mode=True)
        x = self.rectified("conv3", self.rectified("conv2", x))
        x = functional.max_pool2d(x, 3, 2, ceil_mode=True)
        for module in GOOGLENET_MODULES:
            if module == "4a":
                x = functional.max_pool2d(x, 3, 2, ceil_mode=True)
            name = f"inception{module}"
            branches = [
                self.rectified(f"{name}.branch1", x),
                self.rectified(f"{name}.branch2.1", self.rectified(f"{name}.branch2.0", x)),
                self.rectified(f"{name}.branch3.1", self.rectified(f"{name}.branch3.0", x)),
                self.rectified(f"{name}.branch4.1", functional.max_pool2d(x, 3, 1, 1, ceil_mode=True)),
            ]
            x = torch.cat(branches, 1)
        return x.mean(dtype=torch.float32)


NETWORKS = {"efficientnet_lite0": EfficientNetLite0, "vgg16": VGG16, "googlenet": GoogLeNet}
