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

    /// - Parameters:
    ///   - length: the picture's side, in pixels.
    ///   - longest: the longest side of a tile, at least 8.
    package init(length: Int, longest: Int) {
        self.length = length
        guard length > longest else {
            (tile, count, slack, overlap) = (length, 1, 0, 0)
            return
        }
        overlap = min(64, longest / 4)
        slack = longest / 4
        let covered = length + slack - overlap
        count = (covered + longest - overlap - 1) / (longest - overlap)
        tile = (covered + count - 1) / count + overlap
    }

    /// Where the tiles start: evenly, but for the first and the last, which end at the picture's borders.
    ///
    /// - Parameter shift: 0...slack.
    package func starts(shift: Int) -> [Int] {
        (0..<count).map { min(max(0, $0 * (tile - overlap) - shift), length - tile) }
    }

    /// How much each tile counts at each of its pixels. The weights of the tiles that share a pixel add up to 1, and
    /// fall towards a tile's borders, where its gradient is least exact.
    package func weights(ofTilesAt starts: [Int]) -> [[Float]] {
        let raw = (0..<tile).map { Float(min($0 + 1, tile - $0, overlap + 1)) }
        var total = [Float](repeating: 0, count: length)
        for start in starts {
            for index in 0..<tile { total[start + index] += raw[index] }
        }
        return starts.map { start in (0..<tile).map { raw[$0] / total[start + $0] } }
    }
}
