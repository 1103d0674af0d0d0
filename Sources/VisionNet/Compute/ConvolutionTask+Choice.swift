import CVectorKernels

extension ConvolutionTask.Algorithm {
    /// The costs of the parts of a pass, relative to one multiply-add of floats. Measured on the shapes of InceptionV3
    /// from 12×12 to 253×253 pixels; the estimated total is within 15 % of the measured time.
    private struct Costs {
        /// One multiply-add.
        let product: Double
        /// One element of a transformed tile.
        let transform: Double
        /// One element of the kernel, in multiply-adds.
        let weight = 10.0

        init(_ products: ElementFormat) {
            switch products {
            case .float32: (product, transform) = (1, 24)
            case .bfloat16: (product, transform) = (0.55, 18)
            }
        }
    }

    /// The largest share of the direct convolution's cost at which Winograd's algorithm is used: its gain must outweigh
    /// its rounding errors, which matter less beside those of bfloat16.
    private static func clearGain(overProductsOf format: ElementFormat) -> Double {
        format == .float32 ? 0.9 : 0.95
    }

    /// With fewer channels than this, Winograd's transforms cost more than its products save.
    private static let fewestChannels = 16

    /// The largest tile to try. Larger ones would be less accurate: with floats the error would be 2e-5 instead of 4e-6
    /// (Barabasz et al., arXiv:1803.10986), with bfloat16 more than the 1 to 4.5 % of these tiles.
    private static func largestTile(ofProducts format: ElementFormat) -> Int {
        format == .float32 ? 6 : 4
    }

    /// The cheapest vector kernel for a pass.
    ///
    /// - Parameters:
    ///   - inputs: the input channels of the pass.
    ///   - outputs: the output channels of the pass.
    ///   - format: the format of the tensor that the pass reads.
    ///   - winogradProducts: the format of the factors if Winograd's algorithm is chosen.
    static func fastest(
        for pass: Correlation, inputs: Int, outputs: Int, of format: ElementFormat, winogradProducts: ElementFormat,
        usesWinograd: Bool
    ) -> Self {
        var best = Self.direct(format)
        let (rows, columns) = (pass.vertical, pass.horizontal)
        guard usesWinograd, pass.taps > 1, rows.inputStep == 1, columns.inputStep == 1,
            min(inputs, outputs) >= fewestChannels
        else { return best }
        let tiles = 1...largestTile(ofProducts: winogradProducts)
        var leastCost = clearGain(overProductsOf: format) * best.cost(of: pass, inputs: inputs, outputs: outputs)
        for tileHeight in tiles where supports(tileHeight, rows) {
            for tileWidth in tiles where supports(tileWidth, columns) {
                let candidate = Self.winograd(tileHeight: tileHeight, tileWidth: tileWidth, winogradProducts)
                let cost = candidate.cost(of: pass, inputs: inputs, outputs: outputs)
                if cost < leastCost { (best, leastCost) = (candidate, cost) }
            }
        }
        return best
    }

    /// The estimated time of a pass, in multiply-adds of floats.
    func cost(of pass: Correlation, inputs: Int, outputs: Int) -> Double {
        let (rows, columns) = (pass.vertical, pass.horizontal)
        func products(_ pixels: Int, _ factors: Int, _ costs: Costs) -> Double {
            costs.product * (Double(pixels) + costs.weight) * Double(factors * inputs * outputs)
        }
        switch self {
        case .matrixProduct, .depthwise:
            return products(pass.pixels, pass.taps, Costs(.float32))
        case .direct(let format):
            return products(pass.pixels, pass.taps, Costs(format))
        case .winograd(let tileHeight, let tileWidth, let format):
            let costs = Costs(format)
            let frequencies = (tileHeight + rows.taps - 1) * (tileWidth + columns.taps - 1)
            let count =
                ((rows.outputs + tileHeight - 1) / tileHeight) * ((columns.outputs + tileWidth - 1) / tileWidth)
            return products(count, frequencies, costs)
                + costs.transform * Double(count * frequencies * (inputs + outputs))
        }
    }

    private static func supports(_ tile: Int, _ axis: Axis) -> Bool {
        vk_winograd_supports(Int32(tile), Int32(axis.taps)) != 0
    }
}
