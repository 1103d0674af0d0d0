/// Places blocks of memory so that blocks that are never needed at the same time can share addresses.
struct MemoryPlan {
    private struct Block {
        let size: Int
        let lifetime: ClosedRange<Int>
    }

    private var blocks: [Block] = []

    /// Reserves `bytes` from the first to the last moment of `lifetime`; returns the block's number.
    mutating func reserve(bytes: Int, during lifetime: ClosedRange<Int>) -> Int {
        let aligned = (bytes + AlignedBuffer.alignment - 1) / AlignedBuffer.alignment * AlignedBuffer.alignment
        blocks.append(Block(size: aligned, lifetime: lifetime))
        return blocks.count - 1
    }

    /// The offset of each block, and the total size. Places large blocks first, each at the lowest address that is free
    /// during its whole lifetime.
    func layout() -> (offsets: [Int], size: Int) {
        var offsets = [Int](repeating: 0, count: blocks.count)
        var placed: [Int] = []
        let order = blocks.indices.sorted { (-blocks[$0].size, $0) < (-blocks[$1].size, $1) }
        for index in order {
            let neighbours = placed.filter { blocks[$0].lifetime.overlaps(blocks[index].lifetime) }
                .sorted { offsets[$0] < offsets[$1] }
            var offset = 0
            for neighbour in neighbours {
                if offsets[neighbour] - offset >= blocks[index].size { break }
                offset = max(offset, offsets[neighbour] + blocks[neighbour].size)
            }
            offsets[index] = offset
            placed.append(index)
        }
        let size = blocks.indices.map { offsets[$0] + blocks[$0].size }.max() ?? 0
        return (offsets, size)
    }
}
