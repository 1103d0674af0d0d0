import CVectorKernels

extension ConvolutionTask.Algorithm {
    /// What parts of a pass cost, in multiply-adds of floats: measured on the shapes of InceptionV3 from 12×12 to 253×253
    /// pixels, where the sum is within 15 % of the time.
    private struct Costs {
        let directProduct: Double
        /// Of an element of a transformed tile.
        let transform: Double
        /// Of an element of the kernel.
        let weight = 10.0
        /// Winograd's products and transforms are worth their rounding errors only where they cost no more than this
        /// times the direct ones.
        let clearGain: Double

        init(_ inputs: ElementFormat) {
            switch inputs {
            case .float32: (directProduct, transform, clearGain) = (1, 24, 0.9)
            // Winograd's products are of floats here too, so its rounding errors are the smaller ones.
            case .bfloat16: (directProduct, transform, clearGain) = (0.55, 18, 0.95)
            }
        }
    }

    /// Short sums leave no work between the transforms.
    private static let fewestChannels = 16
    /// Tile sizes to try: larger ones would cost accuracy (2e-5 instead of 4e-6, Barabasz et al., arXiv:1803.10986).
    private static let largestTile = 6
    /// With products of bfloat16, whose errors the transforms magnify.
    private static let largestReducedTile = 4

    /// The cheapest vector kernel for a pass with so many input and output channels, the inputs' elements being `format`.
    static func fastest(
        for pass: Correlation, inputs: Int, outputs: Int, of format: ElementFormat, winogradProducts: ElementFormat,
        usesWinograd: Bool
    ) -> Self {
        let (rows, columns) = (pass.vertical, pass.horizontal)
        guard usesWinograd, pass.taps > 1, rows.inputStep == 1, columns.inputStep == 1,
            min(inputs, outputs) >= fewestChannels
        else { return .direct }
        var best = Self.direct
        var leastCost = Costs(format).clearGain * best.cost(of: pass, inputs: inputs, outputs: outputs, of: format)
        let largest = winogradProducts == .float32 ? largestTile : largestReducedTile
        for tileHeight in 1...largest where supports(tileHeight, rows) {
            for tileWidth in 1...largest where supports(tileWidth, columns) {
                let candidate = Self.winograd(tileHeight: tileHeight, tileWidth: tileWidth, winogradProducts)
                let cost = candidate.cost(of: pass, inputs: inputs, outputs: outputs, of: format)
                if cost < leastCost { (best, leastCost) = (candidate, cost) }
            }
        }
        return best
    }

    /// What a pass takes, in multiply-adds of a direct convolution of floats.
    func cost(of pass: Correlation, inputs: Int, outputs: Int, of format: ElementFormat) -> Double {
        let costs = Costs(format)
        let (rows, columns) = (pass.vertical, pass.horizontal)
        switch self {
        case .matrixProduct, .direct:
            return costs.directProduct * (Double(pass.pixels) + costs.weight) * Double(pass.taps * inputs * outputs)
        case .winograd(let tileHeight, let tileWidth, let products):
            let frequencies = (tileHeight + rows.taps - 1) * (tileWidth + columns.taps - 1)
            let count =
                ((rows.outputs + tileHeight - 1) / tileHeight) * ((columns.outputs + tileWidth - 1) / tileWidth)
            let multiplying = (Double(count) + costs.weight) * Double(frequencies * inputs * outputs)
            return (products == .float32 ? 1 : Costs(products).directProduct) * multiplying
                + costs.transform * Double(count * frequencies * (inputs + outputs))
        }
    }

    private static func supports(_ tile: Int, _ axis: Axis) -> Bool {
        vk_winograd_supports(Int32(tile), Int32(axis.taps)) != 0
    }
}
