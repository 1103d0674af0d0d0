/// The names of a convolution's modules in PyTorch, whose tensors are `convolution.weight`,
/// `normalization.running_mean` …
public struct PyTorchNames: Sendable {
    public let convolution: String
    /// The BatchNorm after it; nil if the convolution has a bias instead.
    public let normalization: String?

    public init(convolution: String, normalization: String?) {
        self.convolution = convolution
        self.normalization = normalization
    }
}
