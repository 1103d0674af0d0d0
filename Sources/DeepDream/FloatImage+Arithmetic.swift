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

    /// Adds another picture, enlarged or reduced to this one's size. It takes no memory for the resized picture.
    mutating func add(resized other: FloatImage, filter: ResamplingFilter) {
        let length = channels * width
        values.withUnsafeMutableBufferPointer { values in
            other.forEachRow(resizedTo: (width, height), filter: filter) { row, added in
                let line = values.line(row, of: length)
                for index in line.indices { line[index] += added[index] }
            }
        }
    }
}
