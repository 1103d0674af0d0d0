/// Separable resampling of rows of interleaved channels.
///
/// The result is made row by row: the source rows that contribute to it are added up, each times its weight, and the
/// sum is then resampled horizontally. So one row is all the memory that it needs.
struct Resampler {
    private let sourceWidth: Int
    private let channels: Int
    private let vertical: ResamplingTaps
    private let horizontal: ResamplingTaps

    init(
        from source: (width: Int, height: Int), to target: (width: Int, height: Int), channels: Int,
        filter: ResamplingFilter
    ) {
        precondition(target.width > 0 && target.height > 0)
        sourceWidth = source.width
        self.channels = channels
        vertical = ResamplingTaps(from: source.height, to: target.height, filter: filter)
        horizontal = ResamplingTaps(from: source.width, to: target.width, filter: filter)
    }

    /// Fills `target` with the resampled `source`; both are whole pictures of the sizes given to the initializer.
    ///
    /// - Parameter isCancelled: asked for each row; once it returns true, the rest is zeros.
    func run<Source: ResamplableSample, Target: ResamplableSample>(
        _ source: UnsafeBufferPointer<Source>, into target: UnsafeMutableBufferPointer<Target>,
        isCancelled: () -> Bool = { false }
    ) {
        let targetRowCount = horizontal.starts.count * channels
        var blended = [Float](repeating: 0, count: sourceWidth * channels)
        blended.withUnsafeMutableBufferPointer { blended in
            for y in vertical.starts.indices {
                if isCancelled() {
                    target[(y * targetRowCount)...].initialize(repeating: Target(resampled: 0))
                    return
                }
                let targetRow = UnsafeMutableBufferPointer(
                    rebasing: target[y * targetRowCount..<(y + 1) * targetRowCount])
                run(source, row: y, into: targetRow, blending: blended)
            }
        }
    }

    /// Calls `body` with each row of the resampled `source`, from the top; the row's memory is used again for the next.
    ///
    /// - Parameter isCancelled: asked for each row; once it returns true, no more rows follow.
    func forEachRow<Source: ResamplableSample>(
        of source: UnsafeBufferPointer<Source>, isCancelled: () -> Bool,
        _ body: (_ row: Int, UnsafeMutableBufferPointer<Float>) -> Void
    ) {
        var blended = [Float](repeating: 0, count: sourceWidth * channels)
        var resampled = [Float](repeating: 0, count: horizontal.starts.count * channels)
        blended.withUnsafeMutableBufferPointer { blended in
            resampled.withUnsafeMutableBufferPointer { resampled in
                for y in vertical.starts.indices {
                    if isCancelled() { return }
                    run(source, row: y, into: resampled, blending: blended)
                    body(y, resampled)
                }
            }
        }
    }

    private func run<Source: ResamplableSample, Target: ResamplableSample>(
        _ source: UnsafeBufferPointer<Source>, row: Int, into target: UnsafeMutableBufferPointer<Target>,
        blending blended: UnsafeMutableBufferPointer<Float>
    ) {
        blend(source, rowCount: blended.count, y: row, into: blended)
        resampleAcross(UnsafeBufferPointer(blended), into: target)
    }

    /// Sums the source rows of target row `y`, each times its weight.
    private func blend<Sample: ResamplableSample>(
        _ source: UnsafeBufferPointer<Sample>, rowCount: Int, y: Int, into blended: UnsafeMutableBufferPointer<Float>
    ) {
        let weights = vertical.bounds[y]..<vertical.bounds[y + 1]
        for (row, weight) in zip(vertical.starts[y]..., vertical.weights[weights]) {
            let sourceRow = UnsafeBufferPointer(rebasing: source[row * rowCount..<(row + 1) * rowCount])
            if row == vertical.starts[y] {
                for i in 0..<rowCount { blended[i] = weight * sourceRow[i].floatValue }
            } else {
                for i in 0..<rowCount { blended[i] += weight * sourceRow[i].floatValue }
            }
        }
    }

    private func resampleAcross<Sample: ResamplableSample>(
        _ row: UnsafeBufferPointer<Float>, into target: UnsafeMutableBufferPointer<Sample>
    ) {
        horizontal.weights.withUnsafeBufferPointer { weights in
            for x in horizontal.starts.indices {
                let start = horizontal.starts[x]
                let bounds = horizontal.bounds[x]..<horizontal.bounds[x + 1]
                if channels == 3 {
                    var (red, green, blue): (Float, Float, Float) = (0, 0, 0)
                    var i = 3 * start
                    for k in bounds {
                        red += weights[k] * row[i]
                        green += weights[k] * row[i + 1]
                        blue += weights[k] * row[i + 2]
                        i += 3
                    }
                    target[3 * x] = Sample(resampled: red)
                    target[3 * x + 1] = Sample(resampled: green)
                    target[3 * x + 2] = Sample(resampled: blue)
                } else {
                    for channel in 0..<channels {
                        var sum: Float = 0
                        var i = channels * start + channel
                        for k in bounds {
                            sum += weights[k] * row[i]
                            i += channels
                        }
                        target[channels * x + channel] = Sample(resampled: sum)
                    }
                }
            }
        }
    }
}
