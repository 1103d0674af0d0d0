/// One line of a network's description, as in the table of the paper that published it.
///
/// Channel counts are the published ones; a `Width` scales them when the description becomes a `Graph`.
public indirect enum Operation: Sendable {
    /// A convolution, what is added to its channels, and its activation function. The defaults, BatchNorm and ReLU, are
    /// those of Inception networks.
    case convolution(
        String, Int, kernel: Kernel, stride: Int = 1, padding: Padding = .same,
        offset: Convolution.Offset = .batchNorm, activation: ActivationFunction = .relu)
    /// A convolution of each channel separately.
    case depthwise(
        String, kernel: Kernel, stride: Int = 1, padding: Padding = .same,
        offset: Convolution.Offset = .batchNorm, activation: ActivationFunction = .relu)
    /// Converts a picture from [-1, 1] to what the network expects: `(x - mean) / deviation` for each channel, with
    /// `x`, mean and deviation for values in [0, 1].
    case normalization(mean: [Float], deviation: [Float])
    /// Maximum over square windows of at most 16 elements. What lies beyond the input is never the largest.
    case maxPool(window: Int, stride: Int, padding: Padding = .valid)
    /// Mean over square windows, stride 1, padding 'same'. TensorFlow leaves the padded zeros out of the mean, PyTorch
    /// counts them unless told otherwise.
    case averagePool(window: Int, countsPadding: Bool = false)
    /// Chains that start from the same tensor; their results are joined in channel order. A name makes it a layer that
    /// can be dreamed, and a prefix of its convolutions' names.
    case concatenation(String?, [[Operation]])
    /// A chain whose input is added to the result of its last convolution, before that convolution's activation
    /// function: He et al., "Deep Residual Learning for Image Recognition", 2015 (arXiv:1512.03385). Where the chain
    /// changes the shape, `shortcut` changes the input in the same way.
    case residual([Operation], shortcut: [Operation] = [])
    /// Makes the tensor before it a layer that can be dreamed.
    case layer(String)

    /// A layer of parallel branches.
    package static func block(_ name: String, _ branches: [Operation]...) -> Operation {
        .concatenation(name, branches)
    }
}
