/// Bytes that arrive piece by piece, in blocks of their own until the end. So a long body takes what has arrived, where
/// an array that grows would take up to three times as much.
struct PieceCollector {
    private var blocks: [[UInt8]] = []
    private(set) var count = 0

    /// Blocks are as large as all before them together, in these bounds.
    private static let blockBytes = 256...1 << 18

    mutating func append(_ bytes: some Collection<UInt8>) {
        var rest = bytes[...]
        while !rest.isEmpty {
            if blocks.last.map({ $0.count == $0.capacity }) ?? true {
                var block: [UInt8] = []
                block.reserveCapacity(min(max(count, Self.blockBytes.lowerBound), Self.blockBytes.upperBound))
                blocks.append(block)
            }
            let room = blocks[blocks.count - 1].capacity - blocks[blocks.count - 1].count
            let piece = rest.prefix(room)
            blocks[blocks.count - 1].append(contentsOf: piece)
            rest = rest.dropFirst(room)
            count += piece.count
        }
    }

    /// All bytes together.
    consuming func joined() -> [UInt8] {
        if blocks.count < 2 { return blocks.first ?? [] }
        var all: [UInt8] = []
        all.reserveCapacity(count)
        for index in blocks.indices {
            all += blocks[index]
            // What is copied is freed at once.
            blocks[index] = []
        }
        return all
    }
}
