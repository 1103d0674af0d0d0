import Imaging

extension FloatImage {
    /// - Precondition: both are of one size.
    mutating func add(_ other: FloatImage) {
        for index in values.indices { values[index] += other.values[index] }
    }

    /// - Precondition: both are of one size.
    mutating func subtract(_ other: FloatImage) {
        for index in values.indices { values[index] -= other.values[index] }
    }
}
