/// How wide a network is: every channel count of the published description is scaled and rounded.
///
/// The published InceptionV3 is width 1; the embedded model is narrower. A count `c` becomes
/// `max(minimum, round(c · factor / multiple) · multiple)`, halves rounded to even.
public struct Width: Hashable, Sendable, Codable {
    public let factor: Double
    public let multiple: Int
    public let minimum: Int

    public init(factor: Double, multiple: Int = 8, minimum: Int = 8) {
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
