/// How wide a network is: every channel count of the published description is scaled and rounded.
///
/// The published InceptionV3 is width 1; the embedded model is narrower. A count `c` becomes
/// `max(minimum, round(c · factor / multiple) · multiple)`, halves rounded to even.
public struct Width: Hashable, Sendable {
    public let factor: Double
    public let multiple: Int
    public let minimum: Int

    /// - Precondition: `factor` is above 0; `multiple` and `minimum` are multiples of 8 above 0, because ReLU signs are
    ///   kept eight channels to a byte and each branch of a concatenation starts with a byte of its own.
    public init(factor: Double, multiple: Int = 8, minimum: Int = 8) {
        precondition(factor > 0 && multiple > 0 && multiple % 8 == 0 && minimum > 0 && minimum % 8 == 0)
        self.factor = factor
        self.multiple = multiple
        self.minimum = minimum
    }

    /// The published counts, unchanged.
    public static let full = Width(factor: 1)

    public func channels(_ published: Int) -> Int {
        guard factor != 1 else { return published }
        let scaled = (Double(published) * factor / Double(multiple)).rounded(.toNearestOrEven)
        return max(minimum, Int(scaled) * multiple)
    }
}
