/// MobileNetV2: Sandler et al., "MobileNetV2: Inverted Residuals and Linear Bottlenecks", 2018 (arXiv:1801.04381), as
/// torchvision builds it.
///
/// Block `N` has the layers `eN` (the widened input), `dN` (after the depthwise convolution) and `bN` (the block's
/// result, without ReLU).
private enum MobileNetV2 {
    private static let blocks = [
        InvertedResiduals(expansion: 1, channels: 16, repeats: 1, stride: 1, kernel: 3),
        InvertedResiduals(expansion: 6, channels: 24, repeats: 2, stride: 2, kernel: 3),
        InvertedResiduals(expansion: 6, channels: 32, repeats: 3, stride: 2, kernel: 3),
        InvertedResiduals(expansion: 6, channels: 64, repeats: 4, stride: 2, kernel: 3),
        InvertedResiduals(expansion: 6, channels: 96, repeats: 3, stride: 1, kernel: 3),
        InvertedResiduals(expansion: 6, channels: 160, repeats: 3, stride: 2, kernel: 3),
        InvertedResiduals(expansion: 6, channels: 320, repeats: 1, stride: 1, kernel: 3),
    ]

    static var body: [Operation] {
        [
            ImageNet.normalization,
            .convolution("stem", 32, kernel: 3, stride: 2, padding: .symmetric(1), activation: .relu6), .layer("stem"),
        ] + InvertedResiduals.operations(blocks, inputs: 32, first: 1, padding: .symmetric(1)) + InvertedResiduals.head
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
        recommendedRecipe: "layers=e14:3,b13:l2:0.3&steps=16&step_size=0.02&octaves=5&octave_scale=1.4&jitter=64"
            + "&bands=0,1,4&color_decorrelation=1",
        pyTorchNames: MobileNetV2.pyTorchNames)
}
