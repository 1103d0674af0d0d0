/// The function applied to a convolution's sums plus bias.
public enum ActivationFunction: Hashable, Sendable {
    /// `max(0, x)`
    case relu
    /// `min(max(0, x), 6)`: Krizhevsky, "Convolutional Deep Belief Networks on CIFAR-10", 2010.
    case relu6
    /// `x`
    case none

    /// The range of its results.
    package var range: ClosedRange<Float> {
        switch self {
        case .relu: 0...(.infinity)
        case .relu6: 0...6
        case .none: -.infinity...(.infinity)
        }
    }
}
