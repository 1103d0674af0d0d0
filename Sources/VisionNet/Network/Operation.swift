/// One line of a network's description, as in the table of the paper that published it.
///
/// Channel counts are the published ones; a `Width` scales them when the description becomes a `Graph`.
public indirect enum Operation: Sendable {
    /// A convolution without bias, BatchNorm and ReLU: the unit that Inception networks are made of.
    case convolution(String, Int, kernel: Kernel, stride: Int = 1, padding: Padding = .same)
    /// Maximum over square windows, padding 'valid'.
    case maxPool(window: Int, stride: Int)
    /// Mean over square windows, stride 1, padding 'same'; the padding does not count.
    case averagePool(window: Int)
    /// Chains that start from the same tensor, their results side by side in channel order. A named one is a layer
    /// that can be dreamed, and its name goes before its convolutions' names.
    case concatenation(String?, [[Operation]])

    /// A layer of parallel branches.
    package static func block(_ name: String, _ branches: [Operation]...) -> Operation {
        .concatenation(name, branches)
    }
}

/// The size of a convolution's window, `height × width`.
public struct Kernel: Hashable, Sendable, ExpressibleByIntegerLiteral {
    public let height: Int
    public let width: Int

    public init(_ height: Int, by width: Int) {
        self.height = height
        self.width = width
    }

    public init(integerLiteral side: Int) {
        self.init(side, by: side)
    }
}

/// How a window meets the border, as TensorFlow defines it.
public enum Padding: Sendable {
    /// Windows lie inside the input.
    case valid
    /// `ceil(size / stride)` outputs; zeros are added, the odd one at the bottom and right.
    case same

    /// The number of outputs along one side.
    package func outputs(of size: Int, window: Int, stride: Int) -> Int {
        switch self {
        case .valid: size < window ? 0 : (size - window) / stride + 1
        case .same: (size + stride - 1) / stride
        }
    }

    /// The zeros before the first element along one side.
    package func before(_ size: Int, window: Int, stride: Int) -> Int {
        switch self {
        case .valid: 0
        case .same: max(0, (outputs(of: size, window: window, stride: stride) - 1) * stride + window - size) / 2
        }
    }
}
