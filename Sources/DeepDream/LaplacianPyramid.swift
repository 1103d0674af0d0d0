import VisionNet

/// Splits pictures of one size into bands of frequencies: each level has what is lost when the picture is halved, the
/// last one what remains (Burt and Adelson, "The Laplacian Pyramid as a Compact Image Code", 1983). DeepDream programs
/// normalise the levels one by one, which strengthens the low frequencies.
///
/// Pictures are halved with the weights 1 4 6 4 1, centred on every second pixel, and doubled with twice the transpose
/// of that. Beyond its borders a picture is zero.
final class LaplacianPyramid {
    /// A picture of RGB floats.
    struct Level {
        let width: Int
        let height: Int
        var values: VectorMath.Floats { memory.values }
        fileprivate let memory: FloatBuffer

        fileprivate init(width: Int, height: Int) {
            (self.width, self.height) = (width, height)
            memory = FloatBuffer(count: 3 * width * height)
        }
    }

    /// From the finest to the coarsest; splitting fills them.
    let levels: [Level]

    /// - Parameter levels: how often the picture is halved, which makes one level more. A picture of one pixel is not
    ///   halved any more.
    init(width: Int, height: Int, levels count: Int) {
        var levels = [Level(width: width, height: height)]
        while levels.count <= count, let last = levels.last, max(last.width, last.height) > 1 {
            levels.append(Level(width: (last.width + 1) / 2, height: (last.height + 1) / 2))
        }
        self.levels = levels
    }

    /// The work that fills the levels from a picture.
    func splitting(_ picture: VectorMath.Floats) -> [RowWork.Step] {
        let finest = levels[0]
        var steps: [RowWork.Step] = [
            .rows(count: finest.height) { rows, _ in
                for row in rows {
                    _ = finest.values.line(row, of: 3 * finest.width)
                        .update(fromContentsOf: picture.line(row, of: 3 * finest.width))
                }
            }
        ]
        for (fine, coarse) in zip(levels, levels.dropFirst()) {
            steps.append(
                .rows(count: coarse.height, scratch: 3 * fine.width) { rows, scratch in
                    for row in rows { Self.halve(fine, row: row, of: coarse, scratch: scratch) }
                })
            steps.append(Self.addingDoubled(coarse, times: -1, to: fine))
        }
        return steps
    }

    /// The work that puts the levels together again; it changes them.
    func merging(into picture: VectorMath.Floats) -> [RowWork.Step] {
        let finest = levels[0]
        return zip(levels, levels.dropFirst()).reversed().map { Self.addingDoubled($1, times: 1, to: $0) } + [
            .rows(count: finest.height) { rows, _ in
                for row in rows {
                    _ = picture.line(row, of: 3 * finest.width)
                        .update(fromContentsOf: finest.values.line(row, of: 3 * finest.width))
                }
            }
        ]
    }

    private static let weights: [Float] = [1.0 / 16, 4.0 / 16, 6.0 / 16, 4.0 / 16, 1.0 / 16]

    /// Sets a row of the coarse picture.
    private static func halve(_ fine: Level, row: Int, of coarse: Level, scratch: VectorMath.Floats) {
        scratch.update(repeating: 0)
        for tap in 0..<5 where 0..<fine.height ~= 2 * row + tap - 2 {
            let line = fine.values.line(2 * row + tap - 2, of: 3 * fine.width)
            for index in scratch.indices { scratch[index] += weights[tap] * line[index] }
        }
        let target = coarse.values.line(row, of: 3 * coarse.width)
        for column in 0..<coarse.width {
            for channel in 0..<3 {
                var sum: Float = 0
                for tap in 0..<5 where 0..<fine.width ~= 2 * column + tap - 2 {
                    sum += weights[tap] * scratch[3 * (2 * column + tap - 2) + channel]
                }
                target[3 * column + channel] = sum
            }
        }
    }

    /// Adds the doubled coarse picture, times a sign, to the fine one.
    private static func addingDoubled(_ coarse: Level, times sign: Float, to fine: Level) -> RowWork.Step {
        .rows(count: fine.height, scratch: 3 * coarse.width) { rows, scratch in
            for row in rows {
                scratch.update(repeating: 0)
                for (source, weight) in doubled(row) where 0..<coarse.height ~= source {
                    let line = coarse.values.line(source, of: 3 * coarse.width)
                    for index in scratch.indices { scratch[index] += weight * line[index] }
                }
                let target = fine.values.line(row, of: 3 * fine.width)
                for column in 0..<fine.width {
                    for (source, weight) in doubled(column) where 0..<coarse.width ~= source {
                        for channel in 0..<3 {
                            target[3 * column + channel] += sign * weight * scratch[3 * source + channel]
                        }
                    }
                }
            }
        }
    }

    /// The places of the coarse picture that a place of the fine one is made of, and their weights.
    private static func doubled(_ place: Int) -> [(Int, Float)] {
        let middle = place / 2
        if place % 2 == 0 { return [(middle - 1, 0.125), (middle, 0.75), (middle + 1, 0.125)] }
        return [(middle, 0.5), (middle + 1, 0.5)]
    }
}
