/// How wide a network is: every channel count of the published description is scaled and rounded.
///
/// A published count `c` becomes `max(minimum, round(c · factor / multiple) · multiple)`, halves rounded to even. The
/// published InceptionV3 has factor 1; the embedded model is narrower.
public struct Width: Hashable, Sendable {
    public let factor: Double
    /// The factor of the network's tail. In InceptionV3 that is mixed8 to mixed10, which hold most weights and are
    /// dreamed least.
    public let tailFactor: Double
    public let multiple: Int
    public let minimum: Int

    /// - Parameters:
    ///   - factor: scales the channel counts; above 0.
    ///   - tailFactor: scales those of the tail; above 0, and equal to `factor` if left out.
    ///   - multiple: every count is a multiple of this, itself a multiple of 8 above 0.
    ///   - minimum: the smallest count, a multiple of 8 above 0.
    /// - Precondition: the values are in these ranges. Multiples of 8 are needed because ReLU signs are stored eight
    ///   channels to a byte, and each branch of a concatenation starts with a new byte.
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

    /// The width of the network's tail.
    package var ofTail: Width { Width(factor: tailFactor, multiple: multiple, minimum: minimum) }

    /// The scaled and rounded channel count for a published one.
    public func channels(_ published: Int) -> Int {
        let scaled = (Double(published) * factor / Double(multiple)).rounded(.toNearestOrEven)
        return max(minimum, Int(scaled) * multiple)
    }
}
