"""torchvision's networks with generated weights, under this project's names of layers and tensors.

What is computed is torchvision's own code; only the tensors are exchanged, and layers are read by hooks.
"""

import math
import re

import numpy as np
import torch
import torch.nn.functional as functional
import torchvision

from make_inception_reference import bits, uniform

MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
INCEPTION_BLOCKS = ("5b", "5c", "5d", "6a", "6b", "6c", "6d", "6e", "7a", "7b", "7c")
VGG_STAGES = {"vgg16": (2, 2, 3, 3, 3), "vgg19": (2, 2, 4, 4, 4)}
# The objectives of the references: layer, weight, whether it is the mean of squares.
OBJECTIVES = {
    "efficientnet_lite1": (("e15", 3.0, False), ("b14", 0.3, True)),
    "efficientnet_lite2": (("e15", 3.0, False), ("b14", 0.3, True)),
    "googlenet": (("inception4c", 1.0, True), ("inception5b", 2.0, False)),
    "inception_v3_torchvision": (("mixed3", 1.0, False), ("mixed10", 2.0, False)),
    "mobilenet_v2": (("e13", 3.0, False), ("b12", 0.3, True)),
    "resnet50": (("layer3_2", 1.0, False), ("layer4_2", 0.5, True)),
    "vgg16": (("relu4_2", 1.0, True), ("relu5_3", 2.0, False)),
    "vgg19": (("relu4_2", 1.0, True), ("relu5_4", 2.0, False)),
}


def centred_kernel(name, shape, variance):
    """The kernel [height, width, inputs, outputs]: for each output, weights whose sum is 0.

    Activations are positive. Weights with a sum would give every channel an offset that is larger than what the
    picture changes, and rectifiers would be open or shut everywhere. `variance` is that of the convolution's results
    without it; only convolutions without BatchNorm are divided by it here.
    """
    unit = (bits(f"{name}.kernel", math.prod(shape)) >> np.uint64(40)).astype(np.float64) * 2.0**-23 - 1  # exact
    unit = unit.reshape(-1, shape[3])
    rows = unit.shape[0]
    scale = math.sqrt(6 / rows) / math.sqrt(variance)
    return ((unit - unit.sum(0) / rows) * scale).astype(np.float32).reshape(shape)


def vectors(name, channels, variance):
    """What BatchNorm or a bias adds, by its name here."""
    one = np.float32(1)
    return {
        "gamma": uniform(f"{name}.gamma", channels, 0.5) + np.float32(1.5),
        "beta": uniform(f"{name}.beta", channels, 0.5) + one,
        "moving_mean": uniform(f"{name}.moving_mean", channels, 0.1 * math.sqrt(variance)),
        "moving_variance": (uniform(f"{name}.moving_variance", channels, 0.2) + one) * np.float32(variance),
        "bias": uniform(f"{name}.bias", channels, 0.5) + one,
    }


def our_name(network, module):
    """This project's name of a convolution, by torchvision's name of the module."""
    if module in ("fc", "classifier.1"):
        return "logits"
    if network == "googlenet":
        return module.removesuffix(".conv")
    if network == "inception_v3_torchvision":
        names = {f"Mixed_{block}": f"mixed{index}" for index, block in enumerate(INCEPTION_BLOCKS)}
        return ".".join(names.get(part, part) for part in module.removesuffix(".conv").split("."))
    if network == "resnet50":
        return re.sub(r"layer(\d)\.(\d+)\.", r"layer\1_\2.", module).removesuffix(".0")
    if network == "mobilenet_v2":
        parts = module.split(".")
        block = int(parts[1])
        if parts[2] != "conv":
            return "stem" if block == 0 else "head"
        kinds = ["depthwise", "project"] if block == 1 else ["expand", "depthwise", "project"]
        return f"b{block}.{kinds[int(parts[3])]}"
    place = int(module.split(".")[1])
    for stage, count in enumerate(VGG_STAGES[network]):
        if place < 2 * count:
            return f"conv{stage + 1}_{place // 2 + 1}"
        place -= 2 * count + 1
    raise ValueError(module)


def layer_modules(network):
    """(this project's name of a layer, torchvision's name of the module that computes it), from the picture on."""
    if network == "googlenet":
        for block in ("3a", "3b", "4a", "4b", "4c", "4d", "4e", "5a", "5b"):
            yield f"inception{block}", f"inception{block}"
    elif network == "inception_v3_torchvision":
        for index, block in enumerate(INCEPTION_BLOCKS):
            yield f"mixed{index}", f"Mixed_{block}"
    elif network == "resnet50":
        for stage, count in enumerate((3, 4, 6, 3)):
            for block in range(count):
                yield f"layer{stage + 1}_{block}", f"layer{stage + 1}.{block}"
    elif network == "mobilenet_v2":
        yield "stem", "features.0"
        for block in range(1, 18):
            if block > 1:
                yield f"e{block}", f"features.{block}.conv.0"
            yield f"d{block}", f"features.{block}.conv.{0 if block == 1 else 1}"
            yield f"b{block}", f"features.{block}"
        yield "head", "features.18"
    else:
        place = 0
        for stage, count in enumerate(VGG_STAGES[network]):
            for index in range(count):
                yield f"relu{stage + 1}_{index + 1}", f"features.{place + 1}"
                place += 2
            place += 1


def empty_model(network):
    name = network.removesuffix("_torchvision")
    extras = {"transform_input": True, "init_weights": False} if name in ("googlenet", "inception_v3") else {}
    return getattr(torchvision.models, name)(**extras)


class TorchvisionNetwork:
    """A network with generated weights.

    `variances` has the variance of each convolution's results; where it is empty, the first picture decides.
    """

    def __init__(self, network, variances, dtype):
        self.network, self.variances, self.dtype = network, variances, dtype
        self.model = empty_model(network).to(dtype).eval()
        self.set_weights()

    def convolutions(self):
        """(this project's name, convolution, the BatchNorm after it or None)."""
        modules = dict(self.model.named_modules())
        for name, module in modules.items():
            is_matrix = name in ("fc", "classifier.1") and isinstance(module, torch.nn.Linear)
            if name.lower().startswith("aux") or not (isinstance(module, torch.nn.Conv2d) or is_matrix):
                continue
            parent, _, last = name.rpartition(".")
            if self.network.startswith("vgg") or is_matrix:
                norm = None
            elif last.startswith("conv"):
                norm = modules[f"{parent}.{last.replace('conv', 'bn')}".removeprefix(".")]
            else:
                norm = modules[f"{parent}.{int(last) + 1}"]
            yield our_name(self.network, name), module, norm

    def fill(self, name, convolution, norm, variance):
        weight = convolution.weight
        shape = (*weight.shape[2:], *weight.shape[1::-1]) if weight.dim() == 4 else (1, 1, *weight.shape[::-1])
        kernel = centred_kernel(name, shape, variance if norm is None else 1)
        values = vectors(name, shape[3], variance)
        with torch.no_grad():
            weight.copy_(torch.from_numpy(kernel.transpose(3, 2, 0, 1).reshape(weight.shape)))
            if norm is None:
                convolution.bias.copy_(torch.from_numpy(values["bias"]))
                return
            norm.weight.copy_(torch.from_numpy(values["gamma"]))
            norm.bias.copy_(torch.from_numpy(values["beta"]))
            norm.running_mean.copy_(torch.from_numpy(values["moving_mean"]))
            norm.running_var.copy_(torch.from_numpy(values["moving_variance"]))

    def set_weights(self):
        self.owners = {}
        for name, convolution, norm in self.convolutions():
            self.fill(name, convolution, norm, self.variances.get(name, 1))
            self.owners[convolution] = (name, norm)

    def calibrate(self, picture):
        """Sets each variance to that of the convolution's own results, from the stem upwards."""

        def hook(convolution, inputs, result):
            name, norm = self.owners[convolution]
            linear = result if norm else result - convolution.bias.reshape(-1, *[1] * (result.dim() - 2))
            variance = float(f"{float(linear.var(correction=0)):.4g}")
            self.variances[name] = variance
            self.fill(name, convolution, norm, variance)
            return result if norm else convolution._conv_forward(inputs[0], convolution.weight, convolution.bias)

        hooks = [module.register_forward_hook(hook) for module in self.owners if isinstance(module, torch.nn.Conv2d)]
        with torch.no_grad():
            self(torch.from_numpy(np.array(picture))[None].to(self.dtype))
        for registered in hooks:
            registered.remove()
        for name, convolution, norm in self.convolutions():
            if name == "logits":
                self.variances[name] = 1.0
                self.fill(name, convolution, norm, 1.0)

    def __call__(self, pictures):
        """Every layer's activations by name, of pictures (NHWC) in [-1, 1]; all NHWC."""
        mean = torch.tensor(MEAN, dtype=self.dtype)
        deviation = torch.tensor(DEVIATION, dtype=self.dtype)
        normalized = ((pictures + 1) / 2 - mean) / deviation
        modules = dict(self.model.named_modules())
        found, hooks = {}, []
        for layer, module in layer_modules(self.network):
            hooks.append(
                modules[module].register_forward_hook(
                    lambda _, __, result, layer=layer: found.__setitem__(layer, result)
                )
            )
        result = self.model(normalized.permute(0, 3, 1, 2))
        for hook in hooks:
            hook.remove()
        layers = {layer: found[layer] for layer, _ in layer_modules(self.network)}
        logits = next((module for name, module, _ in self.convolutions() if name == "logits"), None)
        if logits is not None:
            # The classifier at every pixel, whose mean over the picture is torchvision's own result.
            top = layers[list(layers)[-1]]
            layers["logits"] = functional.conv2d(top, logits.weight[:, :, None, None], logits.bias)
            mean = layers["logits"].mean((2, 3))
            assert self.dtype != torch.float64 or (mean - result).abs().max() < 1e-10
        return {name: values.permute(0, 2, 3, 1) for name, values in layers.items()}

    def activations(self, picture):
        """Every layer's activations by name, of a picture; all HWC."""
        with torch.no_grad():
            layers = self(torch.from_numpy(np.array(picture))[None].to(self.dtype))
        return {name: values[0].double().numpy() for name, values in layers.items()}

    def objective(self, picture):
        """The objective's value and its gradient."""
        picture = torch.from_numpy(np.array(picture)).to(self.dtype).requires_grad_()
        layers = self(picture[None])
        value = sum(
            weight * (layers[name].square() if squared else layers[name]).mean()
            for name, weight, squared in OBJECTIVES[self.network]
        )
        (gradient,) = torch.autograd.grad(value, picture)
        return float(value.detach()), gradient.double().numpy()
