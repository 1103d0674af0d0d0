/// The decisions of a forward pass: which outputs its ReLUs let through, and which element each max-pool window chose.
package struct PlanDecisions {
    struct Signs {
        let base: UnsafeMutablePointer<UInt8>
        let bytesPerPixel: Int
        let width: Int
    }

    struct Positions {
        let base: UnsafeMutablePointer<UInt8>
        let bytesPerPixel: Int
        let width: Int
    }

    var signs: [Graph.TensorID: Signs] = [:]
    /// For each pool's output, the chosen positions.
    var positions: [Graph.Slice: Positions] = [:]

    /// Whether this output of a ReLU was above zero; nil for a tensor without ReLU.
    package func isPositive(tensor: Int, row: Int, column: Int, channel: Int) -> Bool? {
        guard let signs = signs[tensor] else { return nil }
        let byte = signs.base[(row * signs.width + column) * signs.bytesPerPixel + channel / 8]
        return byte >> UInt8(channel % 8) & 1 == 1
    }

    /// The element that a max pool chose, as a row-major index in its window; `channel` counts from `firstChannel`.
    package func position(tensor: Int, firstChannel: Int, row: Int, column: Int, channel: Int) -> Int? {
        guard
            let positions = positions.first(where: {
                $0.key.tensor == tensor && $0.key.channels.lowerBound == firstChannel
            })?.value
        else { return nil }
        let byte = positions.base[(row * positions.width + column) * positions.bytesPerPixel + channel / 2]
        return Int(channel % 2 == 0 ? byte & 15 : byte >> 4)
    }
}
