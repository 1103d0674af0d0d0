import CVectorKernels

extension ConvolutionTask.Algorithm {
    /// What an element of a transformed tile or weight costs, in multiply-adds of a direct convolution: measured on
    /// the shapes of InceptionV3 from 12×12 to 109×109 pixels, where the sum is within 15 % of the time.
    private static let transformCost = 24.0
    private static let weightCost = 10.0
    /// Winograd's products and transforms are worth their rounding errors only for a clear gain.
    private static let clearGain = 0.9
    /// Short sums leave no work between the transforms.
    private static let fewestChannels = 16
    /// Tile sizes to try: larger ones would cost accuracy (2e-5 instead of 4e-6, Barabasz et al., arXiv:1803.10986).
    private static let tiles = 1...6

    /// The cheapest vector kernel for a pass with so many input and output channels.
    static func fastest(for pass: Correlation, inputs: Int, outputs: Int, usesWinograd: Bool) -> Self {
        let (rows, columns) = (pass.vertical, pass.horizontal)
        guard usesWinograd, pass.taps > 1, rows.inputStep == 1, columns.inputStep == 1,
            min(inputs, outputs) >= fewestChannels
        else { return .direct }
        var best = Self.direct
        let kernel = Double(pass.taps * inputs * outputs)
        var leastCost = clearGain * (Double(pass.pixels) + weightCost) * kernel
        for tileHeight in tiles where supports(tileHeight, rows) {
            for tileWidth in tiles where supports(tileWidth, columns) {
                let frequencies = (tileHeight + rows.taps.count - 1) * (tileWidth + columns.taps.count - 1)
                let count =
                    ((rows.outputs + tileHeight - 1) / tileHeight) * ((columns.outputs + tileWidth - 1) / tileWidth)
                let products = Double(count * frequencies * inputs * outputs)
                let transformed = Double(count * frequencies * (inputs + outputs))
                let weights = Double(frequencies * inputs * outputs)
                let cost = products + transformCost * transformed + weightCost * weights
                if cost < leastCost {
                    (best, leastCost) = (.winograd(tileHeight: tileHeight, tileWidth: tileWidth), cost)
                }
            }
        }
        return best
    }

    private static func supports(_ tile: Int, _ axis: Axis) -> Bool {
        vk_winograd_supports(Int32(tile), Int32(axis.taps.count)) != 0
    }
}
