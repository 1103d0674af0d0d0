/// EfficientNet-Lite0: Tan & Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks", 2019
/// (arXiv:1905.11946), in the authors' variant for phones of 2020: no squeeze-and-excitation, and ReLU6 instead of
/// swish. Each block widens its input, convolves every channel separately, and narrows it again.
///
/// Block `N` has the layers `eN` (the widened input), `dN` (after the depthwise convolution) and `bN` (the block's
/// result, without ReLU). `logits` rates ImageNet's 1000 classes at every pixel of the last grid; the classifier's
/// answer is its mean over the picture.
private enum EfficientNetLite0 {
    /// A line of the paper's table.
    struct Stage {
        let repeats: Int
        let kernel: Kernel
        let stride: Int
        /// How many times more channels a block has inside than at its input.
        let expansion: Int
        let channels: Int
    }

    static let stages = [
        Stage(repeats: 1, kernel: 3, stride: 1, expansion: 1, channels: 16),
        Stage(repeats: 2, kernel: 3, stride: 2, expansion: 6, channels: 24),
        Stage(repeats: 2, kernel: 5, stride: 2, expansion: 6, channels: 40),
        Stage(repeats: 3, kernel: 3, stride: 2, expansion: 6, channels: 80),
        Stage(repeats: 3, kernel: 5, stride: 1, expansion: 6, channels: 112),
        Stage(repeats: 4, kernel: 5, stride: 2, expansion: 6, channels: 192),
        Stage(repeats: 1, kernel: 3, stride: 1, expansion: 6, channels: 320),
    ]

    static var body: [Operation] {
        var operations: [Operation] = [
            .convolution("stem", 32, kernel: 3, stride: 2, activation: .relu6), .layer("stem"),
        ]
        var inputs = 32
        var index = 0
        for stage in stages {
            for repetition in 0..<stage.repeats {
                operations += block(index, stage, inputs: inputs, stride: repetition == 0 ? stage.stride : 1)
                inputs = stage.channels
                index += 1
            }
        }
        return operations + [
            .convolution("head", 1280, kernel: 1, activation: .relu6), .layer("head"),
            .convolution("logits", 1000, kernel: 1, offset: .bias, activation: .none), .layer("logits"),
        ]
    }

    private static func block(_ index: Int, _ stage: Stage, inputs: Int, stride: Int) -> [Operation] {
        let name = "b\(index)"
        var chain: [Operation] = []
        if stage.expansion > 1 {
            chain.append(.convolution("\(name).expand", inputs * stage.expansion, kernel: 1, activation: .relu6))
            chain.append(.layer("e\(index)"))
        }
        chain += [
            .depthwise("\(name).depthwise", kernel: stage.kernel, stride: stride, activation: .relu6),
            .layer("d\(index)"),
            .convolution("\(name).project", stage.channels, kernel: 1, activation: .none),
        ]
        let isResidual = stride == 1 && inputs == stage.channels
        return (isResidual ? [.residual(chain)] : chain) + [.layer(name)]
    }

    /// The names in the package `efficientnet_lite_pytorch`: `_blocks.3._expand_conv.weight` …
    @Sendable static func pyTorchNames(_ convolution: Convolution) -> PyTorchNames {
        let parts = convolution.name.split(separator: ".")
        guard parts.count == 2 else {
            return switch convolution.name {
            case "stem": PyTorchNames(convolution: "_conv_stem", normalization: "_bn0")
            case "head": PyTorchNames(convolution: "_conv_head", normalization: "_bn1")
            default: PyTorchNames(convolution: "_fc", normalization: nil)
            }
        }
        let block = "_blocks.\(parts[0].dropFirst())"
        return switch parts[1] {
        case "expand": PyTorchNames(convolution: "\(block)._expand_conv", normalization: "\(block)._bn0")
        case "depthwise": PyTorchNames(convolution: "\(block)._depthwise_conv", normalization: "\(block)._bn1")
        default: PyTorchNames(convolution: "\(block)._project_conv", normalization: "\(block)._bn2")
        }
    }
}

extension Network {
    public static let efficientNetLite0 = Network(
        name: "efficientnet_lite0", epsilon: 1e-3, smallestSide: 32, body: EfficientNetLite0.body,
        channelNames: ["logits": ImageNet.labels],
        // Chosen in a blind comparison of eight candidates on twelve photos.
        recommendedRecipe: "layers=e11,d11,b10:l2:0.01,logits[golden retriever]:0.007&steps=24&step_size=0.02&octaves=5"
            + "&octave_scale=1.4&jitter=16&bands=0,1,4&color_decorrelation=1",
        pyTorchNames: EfficientNetLite0.pyTorchNames)
}
