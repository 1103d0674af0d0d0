/// MobileNetV2: Sandler et al., "MobileNetV2: Inverted Residuals and Linear Bottlenecks", 2018 (arXiv:1801.04381), as
/// torchvision builds it.
///
/// Block `N` has the layers `eN` (the widened input), `dN` (after the depthwise convolution) and `bN` (the block's
/// result, without ReLU). `logits` rates ImageNet's 1000 classes at every pixel of the last grid.
private enum MobileNetV2 {
    /// A line of the paper's table 2: expansion, channels, repeats, stride.
    static let stages = [
        (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1),
    ]

    static var body: [Operation] {
        var operations: [Operation] = [
            ImageNet.normalization,
            .convolution("stem", 32, kernel: 3, stride: 2, padding: .symmetric(1), activation: .relu6), .layer("stem"),
        ]
        var (inputs, index) = (32, 1)
        for (expansion, channels, repeats, stride) in stages {
            for repetition in 0..<repeats {
                operations += block(
                    index, expansion: expansion, inputs: inputs, outputs: channels,
                    stride: repetition == 0 ? stride : 1)
                (inputs, index) = (channels, index + 1)
            }
        }
        return operations + [
            .convolution("head", 1280, kernel: 1, activation: .relu6), .layer("head"),
            .convolution("logits", 1000, kernel: 1, offset: .bias, activation: .none), .layer("logits"),
        ]
    }

    private static func block(
        _ index: Int, expansion: Int, inputs: Int, outputs: Int, stride: Int
    ) -> [Operation] {
        var chain: [Operation] = []
        if expansion > 1 {
            chain.append(.convolution("b\(index).expand", inputs * expansion, kernel: 1, activation: .relu6))
            chain.append(.layer("e\(index)"))
        }
        chain += [
            .depthwise("b\(index).depthwise", kernel: 3, stride: stride, padding: .symmetric(1), activation: .relu6),
            .layer("d\(index)"),
            .convolution("b\(index).project", outputs, kernel: 1, activation: .none),
        ]
        return (stride == 1 && inputs == outputs ? [.residual(chain)] : chain) + [.layer("b\(index)")]
    }

    /// Such as `features.2.conv.0.0.weight`; the first block has no expansion.
    @Sendable static func pyTorchNames(_ convolution: Convolution) -> PyTorchNames {
        let parts = convolution.name.split(separator: ".")
        guard parts.count == 2, let index = Int(parts[0].dropFirst()) else {
            return switch convolution.name {
            case "stem": PyTorchNames(convolution: "features.0.0", normalization: "features.0.1")
            case "head": PyTorchNames(convolution: "features.18.0", normalization: "features.18.1")
            default: PyTorchNames(convolution: "classifier.1", normalization: nil)
            }
        }
        let block = "features.\(index).conv"
        let depthwise = index == 1 ? 0 : 1
        return switch parts[1] {
        case "expand": PyTorchNames(convolution: "\(block).0.0", normalization: "\(block).0.1")
        case "depthwise":
            PyTorchNames(convolution: "\(block).\(depthwise).0", normalization: "\(block).\(depthwise).1")
        default: PyTorchNames(convolution: "\(block).\(depthwise + 1)", normalization: "\(block).\(depthwise + 2)")
        }
    }
}

extension Network {
    public static let mobileNetV2 = Network(
        name: "mobilenet_v2", epsilon: 1e-5, smallestSide: 32, body: MobileNetV2.body,
        channelNames: ["logits": ImageNet.labels],
        recommendedRecipe: "layers=e14:3,b13:l2:0.3&steps=16&step_size=0.02&octaves=5&octave_scale=1.4&jitter=16"
            + "&bands=0,1,4&color_decorrelation=1",
        pyTorchNames: MobileNetV2.pyTorchNames)
}
