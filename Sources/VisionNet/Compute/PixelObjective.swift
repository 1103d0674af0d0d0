import COpenBLAS

/// The terms of a layer whose gradient differs from pixel to pixel: those at a position, and those that look for a
/// guide's features. All other terms get by with one number for each channel (see `Objective`).
///
/// The value of a guide term is the mean, over the pixels `p` and the channels, of `max over q of x[p] · y[q]`, where
/// `x` are the layer's activations and `y[q]` those of the guide's pixel `q`. Its gradient at `p` is the best `y[q]`:
/// the matching of google/deepdream, 2015.
final class PixelObjective {
    let height: Int
    let width: Int
    let channels: Int
    /// The gradient by each activation (HWC).
    let seed: AlignedBuffer
    private let neurons: [Neuron]
    private let guides: [(features: GuideFeatures, weight: Double)]
    /// The sums of the rows' values.
    private let sums: UnsafeMutableBufferPointer<Double>

    /// Some channels at one pixel.
    private struct Neuron {
        let row: Int
        let column: Int
        let channels: [Int]
        let weight: Double
    }

    /// - Parameters:
    ///   - terms: terms of this layer at a position or with the measure `guide`.
    ///   - features: the guide's; terms that look for them need them.
    init(
        _ terms: [GradientPlan.Term], features: GuideFeatures?, channels: Int, size: (height: Int, width: Int)
    ) {
        (height, width, self.channels) = (size.height, size.width, channels)
        seed = AlignedBuffer([Float](repeating: 0, count: size.height * size.width * channels))
        sums = .allocate(capacity: size.height)
        sums.initialize(repeating: 0)
        neurons = terms.compactMap { term in
            guard let position = term.position else { return nil }
            let chosen = term.channels?.sorted() ?? Array(0..<channels)
            return Neuron(
                row: min(size.height - 1, Int(position.y * Double(size.height))),
                column: min(size.width - 1, Int(position.x * Double(size.width))), channels: chosen,
                weight: term.weight / Double(chosen.count))
        }
        let pixels = Double(size.height * size.width * channels)
        guides = terms.compactMap { term in
            guard term.measure == .guide, let features else { return nil }
            return (features, term.weight / pixels)
        }
    }

    deinit { sums.deallocate() }

    /// The value, once all rows have been evaluated.
    var value: Double { sums.reduce(0, +) }

    /// Floats of scratch memory that a row needs.
    var scratchCount: Int { width * channels + width * (guides.map(\.features.count).max() ?? 0) }

    /// Sets a row of the seed, and its value.
    func evaluate(_ row: Int, of view: TensorView, scratch: UnsafeMutablePointer<Float>) {
        let line = seed.floats + row * width * channels
        line.update(repeating: 0, count: width * channels)
        var value = 0.0
        for neuron in neurons where neuron.row == row {
            let activations = view.values(row, neuron.column)
            for channel in neuron.channels {
                line[neuron.column * channels + channel] += Float(neuron.weight)
                value += neuron.weight * Double(activations[channel])
            }
        }
        if !guides.isEmpty {
            for column in 0..<width { view.read(row, column, into: scratch + column * channels) }
            for guide in guides {
                value += match(
                    scratch, with: guide.features, weight: guide.weight, into: line,
                    products: scratch + width * channels)
            }
        }
        sums[row] = value
    }

    /// Adds the best matches of a row's pixels, times the weight, to its seed. Returns the row's value.
    private func match(
        _ activations: UnsafeMutablePointer<Float>, with guide: GuideFeatures, weight: Double,
        into line: UnsafeMutablePointer<Float>, products: UnsafeMutablePointer<Float>
    ) -> Double {
        var value = 0.0
        guide.values.withUnsafeBufferPointer { features in
            cblas_sgemm(
                CblasRowMajor, CblasNoTrans, CblasTrans, blasint(width), blasint(guide.count), blasint(channels), 1,
                activations, blasint(channels), features.baseAddress, blasint(channels), 0, products,
                blasint(guide.count))
            for column in 0..<width {
                let row = UnsafeBufferPointer(start: products + column * guide.count, count: guide.count)
                var best = 0
                for index in 1..<max(1, row.count) where row[index] > row[best] { best = index }
                value += weight * Double(row[best])
                for channel in 0..<channels {
                    line[column * channels + channel] += Float(weight) * features[best * channels + channel]
                }
            }
        }
        return value
    }

    /// Copies a row of the seed to the gradient.
    func copy(_ row: Int, to view: TensorView) {
        let line = seed.floats + row * width * channels
        for column in 0..<width { view.write(row, column, from: line + column * channels) }
    }
}

extension TensorView {
    /// Reads a pixel's channels.
    func read(_ row: Int, _ column: Int, into floats: UnsafeMutablePointer<Float>) {
        let pixel = pixel(row, column)
        switch format {
        case .float32: floats.update(from: pixel.assumingMemoryBound(to: Float.self), count: channels)
        case .bfloat16:
            let source = pixel.assumingMemoryBound(to: UInt16.self)
            for channel in 0..<channels { floats[channel] = Float(bitPattern: UInt32(source[channel]) << 16) }
        }
    }

    /// Writes a pixel's channels.
    func write(_ row: Int, _ column: Int, from floats: UnsafeMutablePointer<Float>) {
        let pixel = pixel(row, column)
        switch format {
        case .float32: pixel.assumingMemoryBound(to: Float.self).update(from: floats, count: channels)
        case .bfloat16:
            let target = pixel.assumingMemoryBound(to: UInt16.self)
            for channel in 0..<channels {
                // Rounded to the nearest, ties to even.
                let bits = floats[channel].bitPattern
                target[channel] = UInt16(truncatingIfNeeded: (bits &+ 0x7FFF &+ (bits >> 16 & 1)) >> 16)
            }
        }
    }
}
