/// Convolutions with the same input and window, computed as one; their output channels follow each other.
package struct ConvolutionGroup: Sendable, Hashable {
    package struct Part: Sendable, Hashable {
        package let convolution: Convolution
        /// Whether bias and ReLU follow directly; otherwise they follow after the average pool.
        package let isActivated: Bool
    }

    package let parts: [Part]

    package init(_ parts: [Part]) {
        precondition(!parts.isEmpty)
        self.parts = parts
    }

    package var name: String {
        parts.count == 1
            ? parts[0].convolution.name : parts.map(\.convolution.name).joined(separator: "+")
    }
    package var kernel: Kernel { parts[0].convolution.kernel }
    package var stride: Int { parts[0].convolution.stride }
    package var padding: Padding { parts[0].convolution.padding }
    /// Whether each channel is convolved separately.
    package var isDepthwise: Bool { parts[0].convolution.isDepthwise }
    package var inputs: Int { parts[0].convolution.inputs }
    /// The input channels that an output channel sees.
    package var inputsPerOutput: Int { isDepthwise ? 1 : inputs }
    package var outputs: Int { parts.reduce(0) { $0 + $1.convolution.outputs } }
}
