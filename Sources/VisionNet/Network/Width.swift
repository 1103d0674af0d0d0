/// How wide a network is: every channel count of the published description is scaled and rounded.
///
/// The published InceptionV3 is width 1; the embedded model is narrower. A count `c` becomes
/// `max(minimum, round(c · factor / multiple) · multiple)`, halves rounded to even.
public struct Width: Hashable, Sendable {
    public let factor: Double
    /// The factor of the blocks on the coarsest grid, mixed8 to mixed10: they hold most weights and are dreamed least.
    public let tailFactor: Double
    public let multiple: Int
    public let minimum: Int

    /// - Parameter tailFactor: the same as `factor` if left out.
    /// - Precondition: the factors are above 0; `multiple` and `minimum` are multiples of 8 above 0, because ReLU signs
    ///   are kept eight channels to a byte and each branch of a concatenation starts with a byte of its own.
    public init(factor: Double, tailFactor: Double? = nil, multiple: Int = 8, minimum: Int = 8) {
        let tailFactor = tailFactor ?? factor
        precondition(factor > 0 && tailFactor > 0)
        precondition(multiple > 0 && multiple % 8 == 0 && minimum > 0 && minimum % 8 == 0)
        self.factor = factor
        self.tailFactor = tailFactor
        self.multiple = multiple
        self.minimum = minimum
    }

    /// The published counts, unchanged.
    public static let full = Width(factor: 1)

    /// What the tail's counts are scaled by.
    package var ofTail: Width { Width(factor: tailFactor, multiple: multiple, minimum: minimum) }

    /// The count that stands for a published one.
    public func channels(_ published: Int) -> Int {
        let scaled = (Double(published) * factor / Double(multiple)).rounded(.toNearestOrEven)
        return max(minimum, Int(scaled) * multiple)
    }
}
