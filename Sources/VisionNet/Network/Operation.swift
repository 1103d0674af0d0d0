/// One line of a network's description, as in the table of the paper that published it.
///
/// Channel counts are the published ones; a `Width` scales them when the description becomes a `Graph`.
public indirect enum Operation: Sendable {
    /// A convolution, what is added to its channels, and its activation function. The defaults are the unit that
    /// Inception networks are made of: BatchNorm and ReLU.
    case convolution(
        String, Int, kernel: Kernel, stride: Int = 1, padding: Padding = .same,
        offset: Convolution.Offset = .batchNorm, activation: ActivationFunction = .relu)
    /// A convolution of each channel on its own.
    case depthwise(
        String, kernel: Kernel, stride: Int = 1, padding: Padding = .same,
        offset: Convolution.Offset = .batchNorm, activation: ActivationFunction = .relu)
    /// What the network expects of a picture, whose values are in [-1, 1]: each channel with the mean and the deviation
    /// that it had in training, for values in [0, 1].
    case normalization(mean: [Float], deviation: [Float])
    /// Maximum over square windows, padding 'valid'.
    case maxPool(window: Int, stride: Int)
    /// Mean over square windows, stride 1, padding 'same'; the padding does not count.
    case averagePool(window: Int)
    /// Chains that start from the same tensor, their results side by side in channel order. A named one is a layer
    /// that can be dreamed, and its name goes before its convolutions' names.
    case concatenation(String?, [[Operation]])
    /// A chain whose input is added to what its last convolution computes, before that convolution's activation
    /// function: He et al., "Deep Residual Learning for Image Recognition", 2015 (arXiv:1512.03385).
    case residual([Operation])
    /// Makes the tensor before it a layer that can be dreamed.
    case layer(String)

    /// A layer of parallel branches.
    package static func block(_ name: String, _ branches: [Operation]...) -> Operation {
        .concatenation(name, branches)
    }
}
