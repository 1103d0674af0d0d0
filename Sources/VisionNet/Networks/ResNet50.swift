/// ResNet-50: He et al., "Deep Residual Learning for Image Recognition", 2015 (arXiv:1512.03385), as torchvision builds
/// it: the 3×3 convolution has the stride, not the 1×1 before it ("version 1.5").
///
/// Layers are named by stage and block, as torchvision's modules: `layer3_2` is the third block of the third stage.
private enum ResNet50 {
    /// The blocks of each stage, and the channels of their 3×3 convolutions; a block's result has four times as many.
    private static let stages: [(blocks: Int, channels: Int)] = [(3, 64), (4, 128), (6, 256), (3, 512)]

    static var body: [Operation] {
        var operations: [Operation] = [
            ImageNet.normalization,
            .convolution("conv1", 64, kernel: 7, stride: 2, padding: .symmetric(3)),
            .maxPool(window: 3, stride: 2, padding: .symmetric(1)),
        ]
        for (stage, size) in stages.enumerated() {
            for block in 0..<size.blocks {
                operations += bottleneck(
                    "layer\(stage + 1)_\(block)", channels: size.channels,
                    stride: block == 0 && stage > 0 ? 2 : 1, changesShape: block == 0)
            }
        }
        return operations + [
            .convolution("logits", 1000, kernel: 1, offset: .bias, activation: .none), .layer("logits"),
        ]
    }

    private static func bottleneck(_ name: String, channels: Int, stride: Int, changesShape: Bool) -> [Operation] {
        let shortcut = Operation.convolution(
            "\(name).downsample", 4 * channels, kernel: 1, stride: stride, activation: .none)
        return [
            .residual(
                [
                    .convolution("\(name).conv1", channels, kernel: 1),
                    .convolution("\(name).conv2", channels, kernel: 3, stride: stride, padding: .symmetric(1)),
                    // Its ReLU follows the sum.
                    .convolution("\(name).conv3", 4 * channels, kernel: 1),
                ], shortcut: changesShape ? [shortcut] : []),
            .layer(name),
        ]
    }

    /// Such as `layer3.2.conv1.weight` and `layer3.2.bn1.weight`.
    @Sendable static func pyTorchNames(_ convolution: Convolution) -> PyTorchNames {
        let parts = convolution.name.split(separator: ".")
        guard parts.count == 2, let number = parts[1].last else {
            return convolution.name == "logits"
                ? PyTorchNames(convolution: "fc", normalization: nil)
                : PyTorchNames(convolution: "conv1", normalization: "bn1")
        }
        let block = parts[0].split(separator: "_").joined(separator: ".")
        return parts[1] == "downsample"
            ? PyTorchNames(convolution: "\(block).downsample.0", normalization: "\(block).downsample.1")
            : PyTorchNames(convolution: "\(block).conv\(number)", normalization: "\(block).bn\(number)")
    }
}

extension Network {
    public static let resNet50 = Network(
        name: "resnet50", epsilon: 1e-5, smallestSide: 32, body: ResNet50.body,
        channelNames: ["logits": ImageNet.labels],
        recommendedRecipe: "layers=layer3_2,layer3_5&steps=22&step_size=0.13&octaves=4&octave_scale=2&jitter=83"
            + "&bands=0,1,4",
        pyTorchNames: ResNet50.pyTorchNames)
}
