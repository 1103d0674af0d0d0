/// EfficientNet-Lite: Tan & Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks", 2019
/// (arXiv:1905.11946), in the authors' variant for phones of 2020: no squeeze-and-excitation, and ReLU6 instead of
/// swish. Lite1 and Lite2 have more and wider blocks than Lite0; stem and head are the same.
///
/// Block `N` has the layers `eN` (the widened input), `dN` (after the depthwise convolution) and `bN` (the block's
/// result, without ReLU).
private struct EfficientNetLite {
    /// The channels at the end of each stage's blocks.
    let channels: [Int]
    /// The number of blocks in each stage.
    let repeats: [Int]

    private static let expansions = [1, 6, 6, 6, 6, 6, 6]
    private static let strides = [1, 2, 2, 2, 1, 2, 1]
    private static let kernels: [Kernel] = [3, 3, 5, 3, 5, 5, 3]

    private var blocks: [InvertedResiduals] {
        channels.indices.map { stage in
            InvertedResiduals(
                expansion: Self.expansions[stage], channels: channels[stage], repeats: repeats[stage],
                stride: Self.strides[stage], kernel: Self.kernels[stage])
        }
    }

    private var body: [Operation] {
        [.convolution("stem", 32, kernel: 3, stride: 2, activation: .relu6), .layer("stem")]
            + InvertedResiduals.operations(blocks, inputs: 32, first: 0, padding: .same) + InvertedResiduals.head
    }

    func network(_ name: String, recommendedRecipe: String) -> Network {
        Network(
            name: name, epsilon: 1e-3, smallestSide: 32, body: body, channelNames: ["logits": ImageNet.labels],
            recommendedRecipe: recommendedRecipe, pyTorchNames: Self.pyTorchNames)
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
    public static let efficientNetLite0 = EfficientNetLite(
        channels: [16, 24, 40, 80, 112, 192, 320], repeats: [1, 2, 2, 3, 3, 4, 1]
    ).network(
        "efficientnet_lite0",
        recommendedRecipe: "layers=e11,d11,b10:l2:0.01" + manner)
    public static let efficientNetLite1 = EfficientNetLite(
        channels: [16, 24, 40, 80, 112, 192, 320], repeats: [1, 3, 3, 4, 4, 5, 1]
    ).network("efficientnet_lite1", recommendedRecipe: recipeOfLarger)
    public static let efficientNetLite2 = EfficientNetLite(
        channels: [16, 24, 48, 88, 120, 208, 352], repeats: [1, 3, 3, 4, 4, 5, 1]
    ).network("efficientnet_lite2", recommendedRecipe: recipeOfLarger)

    /// Lite0's recipe at the same place of the larger networks: the first block that widens the last grid.
    private static let recipeOfLarger =
        "layers=e15,d15,b14:l2:0.01" + manner
    /// Chosen in blind comparisons on twelve photos, where it was liked almost as much as the same with 24 steps and a
    /// class among its layers, which takes almost three times as long.
    private static let manner =
        "&steps=13&step_size=0.036&octaves=5&octave_scale=1.4&jitter=64&bands=0,1,4&color_decorrelation=1"
}
