"""Takes PyTorch's steps on command; see worker.py. Batch normalisation is folded, memory is channels-last."""

import torch
from torch import nn
from torch.nn import functional

import worker
from pytorch_networks import NETWORKS
from topology import CONVOLUTIONS, EPSILON, network_of, read_model

STEP_SIZE = 0.01
#: Convolutions with stride 2. They, and three others of the stem, are not padded.
STRIDED = {"Conv2d_1a_3x3", "mixed3.branch3x3", "mixed3.branch3x3dbl_3"}
UNPADDED = STRIDED | {"Conv2d_2a_3x3", "Conv2d_3b_1x1", "Conv2d_4a_3x3"}


class Inception(nn.Module):
    """InceptionV3 from a picture to the means of `mixed3` and `mixed5`."""

    def __init__(self, weights):
        super().__init__()
        self.convolutions = nn.ModuleDict()
        for name, (height, width, inputs, outputs) in CONVOLUTIONS.items():
            if name.startswith("mixed6."):
                break
            convolution = nn.Conv2d(
                inputs,
                outputs,
                (height, width),
                stride=2 if name in STRIDED else 1,
                padding=0 if name in UNPADDED else (height // 2, width // 2),
            )
            kernel, beta, mean, variance = (
                torch.from_numpy(weights[f"{name}.{part}"].copy())
                for part in ("kernel", "beta", "moving_mean", "moving_variance")
            )
            scale = (variance + EPSILON).rsqrt()
            convolution.weight.data = (kernel * scale).permute(3, 2, 0, 1).contiguous(memory_format=torch.channels_last)
            convolution.bias.data = beta - mean * scale
            self.convolutions[name.replace(".", "/")] = convolution
        self.requires_grad_(False)

    def chain(self, x, *names):
        for name in names:
            x = functional.relu(self.convolutions[name](x), inplace=True)
        return x

    def numbered(self, x, name, count):
        return self.chain(x, *(f"{name}_{number}" for number in range(1, count + 1)))

    def pooled(self, x, block):
        mean = functional.avg_pool2d(x, 3, stride=1, padding=1, count_include_pad=False)
        return self.chain(mean, f"{block}/branch_pool")

    def forward(self, x):
        x = self.chain(x, "Conv2d_1a_3x3", "Conv2d_2a_3x3", "Conv2d_2b_3x3")
        x = functional.max_pool2d(x, 3, stride=2)
        x = self.chain(x, "Conv2d_3b_1x1", "Conv2d_4a_3x3")
        x = functional.max_pool2d(x, 3, stride=2)
        for block in ("mixed0", "mixed1", "mixed2"):
            branches = [
                self.chain(x, f"{block}/branch1x1"),
                self.numbered(x, f"{block}/branch5x5", 2),
                self.numbered(x, f"{block}/branch3x3dbl", 3),
                self.pooled(x, block),
            ]
            x = torch.cat(branches, dim=1)
        branches = [
            self.chain(x, "mixed3/branch3x3"),
            self.numbered(x, "mixed3/branch3x3dbl", 3),
            functional.max_pool2d(x, 3, stride=2),
        ]
        mixed3 = x = torch.cat(branches, dim=1)
        for block in ("mixed4", "mixed5"):
            branches = [
                self.chain(x, f"{block}/branch1x1"),
                self.numbered(x, f"{block}/branch7x7", 3),
                self.numbered(x, f"{block}/branch7x7dbl", 5),
                self.pooled(x, block),
            ]
            x = torch.cat(branches, dim=1)
        return mixed3.mean(dtype=torch.float32) + x.mean(dtype=torch.float32)


def main():
    arguments = worker.arguments()
    torch.set_num_threads(arguments.threads)
    model = NETWORKS.get(network_of(arguments.model), Inception)(read_model(arguments.model))
    if arguments.precision == "bf16":
        model.to(torch.bfloat16)
    is_reduced = arguments.precision == "bf16"

    def prepare(photo):
        picture = torch.from_numpy(photo[None]).permute(0, 3, 1, 2)

        def take_step():
            nonlocal picture
            picture = picture.detach().requires_grad_()
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=is_reduced):
                objective = model(picture)
            (gradient,) = torch.autograd.grad(objective, picture)
            with torch.no_grad():
                gradient = gradient / (gradient.std(correction=0) + 1e-8)
                picture = (picture + STEP_SIZE * gradient).clamp_(-1, 1)
            return objective.item()

        return take_step

    worker.serve(torch.__version__, prepare)


if __name__ == "__main__":
    main()
