import VisionNet

/// The work that turns a gradient of one size into the direction of a step: mixes its colours, splits it into bands or
/// levels, normalises these one by one and adds them up.
final class GradientShaper {
    /// What has to be done, in this order.
    private(set) var steps: [RowWork.Step] = []
    /// Where the direction is afterwards: the gradient itself if it is not split.
    let direction: VectorMath.Floats
    /// The parts that the gradient is split into; none if it is not split.
    private(set) var parts: [Measurement] = []

    private let width: Int
    private let height: Int
    private let isTiled: Bool
    private let shaping: GradientShaping
    private let math: VectorMath
    /// The direction's memory, if it is not the gradient's.
    private let own: FloatBuffer?

    /// - Parameter isTiled: whether the gradient is one of several tiles'. Then its parts are normalised by what was
    ///   concluded before, as all tiles must be scaled alike; otherwise by what is measured on the way.
    init(
        gradient: VectorMath.Floats, width: Int, height: Int, _ shaping: GradientShaping, isTiled: Bool,
        math: VectorMath
    ) {
        (self.width, self.height, self.isTiled) = (width, height, isTiled)
        (self.shaping, self.math) = (shaping, math)
        let isSplit = shaping.laplacian > 0 || shaping.bands != [0]
        own = isSplit ? FloatBuffer(count: gradient.count) : nil
        direction = own?.values ?? gradient
        if shaping.colorDecorrelation > 0 {
            // No work at strength 0, so that plain dreams do not change by a bit.
            let colors = ColorDecorrelation(strength: shaping.colorDecorrelation)
            steps.append(
                .rows(count: height) { rows, _ in
                    for row in rows { colors.apply(to: gradient.line(row, of: 3 * width)) }
                })
        }
        if shaping.followsFrequencies { steps += FourierFilter(width: width, height: height).steps(on: gradient) }
        if shaping.laplacian > 0 {
            split(gradient, into: LaplacianPyramid(width: width, height: height, levels: shaping.laplacian))
        } else if isSplit {
            split(gradient, intoBands: shaping.bands)
        }
    }

    /// Sets the scales of the parts from all tiles.
    ///
    /// - Parameter tiles: how many tiles were measured.
    func concludeParts(tiles: Int) {
        for (part, count) in zip(parts, partCounts) { part.conclude(count: tiles * count) }
    }

    /// How many numbers each part has.
    private var partCounts: [Int] = []

    private func addPart(height: Int, count: Int) -> Measurement {
        let part = Measurement(shaping.normalization, height: height, math: math)
        parts.append(part)
        partCounts.append(count)
        return part
    }

    private func measured(_ part: Measurement, count: Int) -> RowWork.Step {
        .once { [isTiled] in
            part.collect()
            if !isTiled { part.conclude(count: count) }
        }
    }

    private func split(_ gradient: VectorMath.Floats, intoBands bands: [Double]) {
        let (width, height, direction, math) = (width, height, direction, math)
        let blurCount = bands.contains { $0 > 0 } ? gradient.count : 0
        let (between, blurred) = (FloatBuffer(count: blurCount), FloatBuffer(count: blurCount))
        for (index, deviation) in bands.enumerated() {
            let part = addPart(height: height, count: gradient.count)
            if deviation > 0 {
                let blur = GaussianBlur(deviation: deviation, width: width, height: height, math: math)
                steps.append(
                    .rows(count: height, scratch: blur.scratchCount) { rows, scratch in
                        blur.alongRows(rows, of: gradient, into: between.values, scratch: scratch)
                    })
                steps.append(
                    .rows(count: height) { rows, _ in
                        blur.acrossRows(rows, of: between.values, into: blurred.values)
                        for row in rows { part.measure(blurred.values.line(row, of: 3 * width), row: row) }
                    })
            } else {
                steps.append(
                    .rows(count: height) { rows, _ in
                        for row in rows { part.measure(gradient.line(row, of: 3 * width), row: row) }
                    })
            }
            steps.append(measured(part, count: gradient.count))
            steps.append(
                .rows(count: height) { rows, _ in
                    for row in rows {
                        let band = (deviation > 0 ? blurred.values : gradient).line(row, of: 3 * width)
                        let sum = direction.line(row, of: 3 * width)
                        math.add(band, times: part.scale, to: sum, isFirst: index == 0)
                    }
                })
        }
    }

    private func split(_ gradient: VectorMath.Floats, into pyramid: LaplacianPyramid) {
        let math = math
        steps += pyramid.splitting(gradient)
        for level in pyramid.levels {
            let part = addPart(height: level.height, count: level.values.count)
            steps.append(
                .rows(count: level.height) { rows, _ in
                    for row in rows { part.measure(level.values.line(row, of: 3 * level.width), row: row) }
                })
            steps.append(measured(part, count: level.values.count))
            steps.append(
                .rows(count: level.height) { rows, _ in
                    for row in rows {
                        let line = level.values.line(row, of: 3 * level.width)
                        // The level times its scale, in its own place.
                        math.add(line, times: part.scale, to: line, isFirst: true)
                    }
                })
        }
        steps += pyramid.merging(into: direction)
    }
}

extension VectorMath {
    /// Adds a line times a factor to a sum; if it is the first, it replaces the sum.
    func add(_ line: Floats, times factor: Float, to sum: Floats, isFirst: Bool) {
        withUnsafeTemporaryAllocation(of: UnsafePointer<Float>?.self, capacity: 2) { lines in
            withUnsafeTemporaryAllocation(of: Float.self, capacity: 2) { weights in
                lines[0] = UnsafePointer(sum.baseAddress)
                lines[1] = UnsafePointer(line.baseAddress)
                (weights[0], weights[1]) = (1, factor)
                let counted = isFirst ? 1..<2 : 0..<2
                weightedSum(
                    of: UnsafeBufferPointer(rebasing: lines[counted]),
                    UnsafeBufferPointer(rebasing: weights[counted]), into: sum)
            }
        }
    }
}
