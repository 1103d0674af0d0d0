/// How one side of a picture is divided into tiles of one size, which overlap and whose borders are elsewhere at each
/// step.
package struct TileAxis {
    /// The side of the tiles, in pixels.
    package let tile: Int
    package let count: Int
    /// The largest shift of the borders.
    package let slack: Int

    private let length: Int
    /// How many pixels neighbouring tiles share, at least.
    private let overlap: Int

    /// Tiles start at multiples of this many pixels from each other, so that all of them sample the picture alike: it
    /// is the longest stride of the layers that networks dream. Tiles with other distances would dream other patterns.
    private static let grid = 32

    /// - Parameters:
    ///   - length: the picture's side, in pixels.
    ///   - longest: the longest side of a tile, at least 128.
    package init(length: Int, longest: Int) {
        self.length = length
        guard length > longest else {
            (tile, count, slack, overlap) = (length, 1, 0, 0)
            return
        }
        let longest = longest / Self.grid * Self.grid
        overlap = longest >= 256 ? 2 * Self.grid : Self.grid
        slack = longest / 2 / Self.grid * Self.grid
        // As many tiles as are needed, and as small as they can then be.
        let covered = length + slack - overlap
        count = (covered + longest - overlap - 1) / (longest - overlap)
        tile = (covered + count * Self.grid - 1) / (count * Self.grid) * Self.grid + overlap
    }

    /// A shift of the borders, for `starts`.
    func randomShift(_ random: inout SplitMix64) -> Int {
        slack == 0 ? 0 : Self.grid * random.integer(in: 0...slack / Self.grid)
    }

    /// Where the tiles start, evenly. The first may start before the picture and the last may end after it.
    ///
    /// - Parameter shift: 0...slack.
    package func starts(shift: Int) -> [Int] {
        (0..<count).map { $0 * (tile - overlap) - shift }.filter { !inside($0).isEmpty }
    }

    /// How much each tile counts at each of its pixels. The weights of the tiles that share a pixel add up to 1, and
    /// fall towards a tile's borders, where its gradient is least exact. Beyond the picture they are 0.
    package func weights(ofTilesAt starts: [Int]) -> [[Float]] {
        let raw = (0..<tile).map { Float(min($0 + 1, tile - $0, overlap + 1)) }
        var total = [Float](repeating: 0, count: length)
        for start in starts {
            for index in inside(start) { total[start + index] += raw[index] }
        }
        return starts.map { start in
            let inside = inside(start)
            return (0..<tile).map { inside.contains($0) ? raw[$0] / total[start + $0] : 0 }
        }
    }

    /// The part of a tile that is in the picture: nothing of the last tile, where the picture ends before it.
    func inside(_ start: Int) -> Range<Int> {
        let first = max(0, -start)
        return first..<max(first, min(tile, length - start))
    }
}
