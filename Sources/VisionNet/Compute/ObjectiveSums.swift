/// The sums from which the objective follows: one for each row of each term's layer, added in a fixed order so that
/// the value does not depend on which thread did which row.
final class ObjectiveSums {
    private struct Part {
        let scale: Double
        let rows: UnsafeMutableBufferPointer<Double>
    }

    private var parts: [Part] = []

    /// Room for the row sums of a layer whose sum counts `scale` times.
    func add(scale: Double, rows: Int) -> UnsafeMutableBufferPointer<Double> {
        let sums = UnsafeMutableBufferPointer<Double>.allocate(capacity: rows)
        sums.initialize(repeating: 0)
        parts.append(Part(scale: scale, rows: sums))
        return sums
    }

    var value: Double {
        parts.reduce(0) { $0 + $1.scale * $1.rows.reduce(0, +) }
    }

    deinit { for part in parts { part.rows.deallocate() } }
}
