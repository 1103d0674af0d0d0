/// EfficientNet-Lite0: Tan & Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks", 2019
/// (arXiv:1905.11946), in the authors' variant for phones of 2020: no squeeze-and-excitation, and ReLU6 instead of
/// swish.
///
/// Block `N` has the layers `eN` (the widened input), `dN` (after the depthwise convolution) and `bN` (the block's
/// result, without ReLU).
private enum EfficientNetLite0 {
    private static let blocks = [
        InvertedResiduals(expansion: 1, channels: 16, repeats: 1, stride: 1, kernel: 3),
        InvertedResiduals(expansion: 6, channels: 24, repeats: 2, stride: 2, kernel: 3),
        InvertedResiduals(expansion: 6, channels: 40, repeats: 2, stride: 2, kernel: 5),
        InvertedResiduals(expansion: 6, channels: 80, repeats: 3, stride: 2, kernel: 3),
        InvertedResiduals(expansion: 6, channels: 112, repeats: 3, stride: 1, kernel: 5),
        InvertedResiduals(expansion: 6, channels: 192, repeats: 4, stride: 2, kernel: 5),
        InvertedResiduals(expansion: 6, channels: 320, repeats: 1, stride: 1, kernel: 3),
    ]

    static var body: [Operation] {
        [.convolution("stem", 32, kernel: 3, stride: 2, activation: .relu6), .layer("stem")]
            + InvertedResiduals.operations(blocks, inputs: 32, first: 0, padding: .same) + InvertedResiduals.head
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
            + "&octave_scale=1.4&jitter=64&bands=0,1,4&color_decorrelation=1",
        pyTorchNames: EfficientNetLite0.pyTorchNames)
}
