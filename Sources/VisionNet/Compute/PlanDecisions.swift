/// What a forward pass decided: which outputs its ReLUs let through, and which element each max-pool window chose.
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
    /// By the pool's output.
    var positions: [Graph.Slice: Positions] = [:]

    /// Whether the ReLU of this output was above zero; nil for a tensor without ReLU.
    package func isPositive(tensor: Int, row: Int, column: Int, channel: Int) -> Bool? {
        guard let signs = signs[tensor] else { return nil }
        let byte = signs.base[(row * signs.width + column) * signs.bytesPerPixel + channel / 8]
        return byte >> UInt8(channel % 8) & 1 == 1
    }

    /// The element, row-major in its window, that a max pool chose; the channel counts from the pool's own first.
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
