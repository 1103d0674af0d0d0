/// A convolution of a network, with its bias and activation function.
public struct Convolution: Sendable, Hashable {
    /// What is added to each output channel.
    public enum Offset: Sendable, Hashable {
        /// BatchNorm with the tensors `beta`, `moving_mean`, `moving_variance` and optionally `gamma`; it also scales.
        case batchNorm
        /// The tensor `bias`.
        case bias
        /// These numbers, and with them a kernel of one tap: both are part of the description, not of a model file.
        case fixed(kernel: [Float], bias: [Float])
    }

    /// For example `mixed0.branch1x1`; its tensors are `NAME.kernel`, `NAME.beta` …
    public let name: String
    public let kernel: Kernel
    public let stride: Int
    public let padding: Padding
    public let inputs: Int
    public let outputs: Int
    /// Whether each channel is convolved separately; there are as many outputs as inputs then.
    public let isDepthwise: Bool
    public let offset: Offset
    public let activation: ActivationFunction

    /// The shape of its kernel: `[height, width, inputs, outputs]` (HWIO), with one input if it is depthwise.
    public var kernelShape: [Int] { [kernel.height, kernel.width, isDepthwise ? 1 : inputs, outputs] }

    /// Its tensors in a model file, with their shapes.
    public var tensors: [(name: String, shape: [Int])] {
        let vectors: [String] =
            switch offset {
            case .batchNorm: ["beta", "moving_mean", "moving_variance"]
            case .bias: ["bias"]
            case .fixed: []
            }
        if case .fixed = offset { return [] }
        return [("\(name).kernel", kernelShape)] + vectors.map { ("\(name).\($0)", [outputs]) }
    }
}
