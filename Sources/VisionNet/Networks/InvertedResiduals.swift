/// Some blocks of MobileNetV2, a line of its paper's table 2; EfficientNet took the block over. A block widens its
/// input, convolves each channel on its own, and narrows the result again (Sandler et al., arXiv:1801.04381, figure 3).
/// Its input is added if the shapes agree.
struct InvertedResiduals {
    /// How many times more channels a block has inside than at its input; 1 for no widening.
    let expansion: Int
    /// At the end of each block.
    let channels: Int
    let repeats: Int
    /// Of the first block; the others have 1.
    let stride: Int
    /// Of the depthwise convolutions.
    let kernel: Kernel

    /// The blocks of several lines, behind a tensor of `inputs` channels. Block `N` has the layers `eN`, `dN` and `bN`;
    /// the first is number `first`.
    static func operations(
        _ lines: [InvertedResiduals], inputs: Int, first: Int, padding: Padding
    ) -> [Operation] {
        var (inputs, index) = (inputs, first)
        var operations: [Operation] = []
        for line in lines {
            for repetition in 0..<line.repeats {
                operations += line.block(
                    index, inputs: inputs, stride: repetition == 0 ? line.stride : 1, padding: padding)
                (inputs, index) = (line.channels, index + 1)
            }
        }
        return operations
    }

    private func block(_ index: Int, inputs: Int, stride: Int, padding: Padding) -> [Operation] {
        let name = "b\(index)"
        var chain: [Operation] = []
        if expansion > 1 {
            chain += [
                .convolution("\(name).expand", inputs * expansion, kernel: 1, activation: .relu6), .layer("e\(index)"),
            ]
        }
        chain += [
            .depthwise("\(name).depthwise", kernel: kernel, stride: stride, padding: padding, activation: .relu6),
            .layer("d\(index)"),
            .convolution("\(name).project", channels, kernel: 1, activation: .none),
        ]
        return (stride == 1 && inputs == channels ? [.residual(chain)] : chain) + [.layer(name)]
    }

    /// What follows the last block in both networks. `logits` rates ImageNet's classes at every pixel of the last grid;
    /// the classifier's answer is its mean over the picture.
    static let head: [Operation] = [
        .convolution("head", 1280, kernel: 1, activation: .relu6), .layer("head"),
        .convolution("logits", 1000, kernel: 1, offset: .bias, activation: .none), .layer("logits"),
    ]
}
