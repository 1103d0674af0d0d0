/// PyTorch's names for the modules of a convolution. Its tensors are `CONVOLUTION.weight`,
/// `NORMALIZATION.running_mean` and so on.
public struct PyTorchNames: Sendable {
    public let convolution: String
    /// The BatchNorm behind it; nil where the convolution has a bias.
    public let normalization: String?

    public init(convolution: String, normalization: String?) {
        self.convolution = convolution
        self.normalization = normalization
    }
}
