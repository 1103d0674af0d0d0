/// How windows are placed at the border of their input.
public enum Padding: Hashable, Sendable {
    /// All windows are inside the input.
    case valid
    /// TensorFlow's: `ceil(size / stride)` outputs; zeros are added on both sides, an odd one at the bottom and right.
    case same
    /// PyTorch's: this many zeros on each side.
    case symmetric(Int)
    /// PyTorch's with `ceil_mode`, for pools: as `symmetric`, and one more window at the bottom and right if input is
    /// left over there.
    case roundedUp(Int)

    /// The number of outputs along one side.
    package func outputs(of size: Int, window: Int, stride: Int) -> Int {
        switch self {
        case .valid: size < window ? 0 : (size - window) / stride + 1
        case .same: (size + stride - 1) / stride
        case .symmetric(let zeros): Padding.valid.outputs(of: size + 2 * zeros, window: window, stride: stride)
        case .roundedUp(let zeros): Self.outputsRoundedUp(of: size, zeros: zeros, window: window, stride: stride)
        }
    }

    private static func outputsRoundedUp(of size: Int, zeros: Int, window: Int, stride: Int) -> Int {
        let left = size + 2 * zeros - window + stride - 1
        guard left >= 0 else { return 0 }
        // The last window must start on the input or on the zeros before it.
        let count = left / stride + 1
        return (count - 1) * stride >= size + zeros ? count - 1 : count
    }

    /// The zeros before the first element along one side.
    package func before(_ size: Int, window: Int, stride: Int) -> Int {
        switch self {
        case .valid: 0
        case .same: max(0, (outputs(of: size, window: window, stride: stride) - 1) * stride + window - size) / 2
        case .symmetric(let zeros), .roundedUp(let zeros): zeros
        }
    }
}
