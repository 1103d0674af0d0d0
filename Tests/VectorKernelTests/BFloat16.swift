/// The upper half of a float.
struct BFloat16: TensorElement, Equatable {
    var bits: UInt16

    init(bits: UInt16) { self.bits = bits }

    /// Rounds to nearest, ties to even, by comparing both neighbours, unlike the kernels, which do arithmetic on the
    /// bits.
    init(rounding value: Float) {
        let below = BFloat16(bits: UInt16(value.bitPattern >> 16))  // towards zero
        guard value.isFinite, below.value != value else { self = below; return }
        let above = BFloat16(bits: below.bits + 1)
        // Infinity stands for the number that would follow the largest.
        let next = above.value.isInfinite ? 0x1p128 : Double(above.value.magnitude)
        let (toBelow, toAbove) = (Double((value - below.value).magnitude), next - Double(value.magnitude))
        let isEven = below.bits % 2 == 0
        self = toBelow < toAbove || (toBelow == toAbove && isEven) ? below : above
    }

    var value: Float { Float(bitPattern: UInt32(bits) << 16) }
    static var holdsFloats: Bool { false }
    static var step: Int { 2 }
    static let nan = BFloat16(bits: 0x7fc0)

    /// Root mean square of the relative error of rounding: half a unit in the last place is 2^-8 of a number that
    /// begins a binade, the error is uniform within it, and the mean of (2^-8 / m)^2 / 3 over significands m in [1, 2),
    /// whose logarithms are uniform, is 2^-16 / (8 ln 2).
    static let roundingError = 0x1p-8 / (8 * 0.693147).squareRoot()
}
