/// A convolution's kernel as one pass needs it: `[tap][input][output]` of that pass.
///
/// In the backward pass the convolution's outputs are the inputs, and the taps of a phase stand in the order in which
/// they meet the gradient.
struct KernelMatrix: Hashable {
    let group: ConvolutionGroup
    let rows: [Int]
    let columns: [Int]
    let isTransposed: Bool

    init(_ group: ConvolutionGroup, _ correlation: Correlation, isTransposed: Bool) {
        self.group = group
        rows = correlation.vertical.taps
        columns = correlation.horizontal.taps
        self.isTransposed = isTransposed
    }

    var taps: Int { rows.count * columns.count }
    var inputs: Int { isTransposed ? group.outputs : group.inputs }
    var outputs: Int { isTransposed ? group.inputs : group.outputs }

    /// The matrix from the folded kernels of the group's parts.
    func values(_ parts: [FoldedConvolution]) -> [Float] {
        var values = [Float](repeating: 0, count: taps * inputs * outputs)
        values.withUnsafeMutableBufferPointer { values in
            for (tap, (row, column)) in rows.flatMap({ row in columns.map { (row, $0) } }).enumerated() {
                var first = 0
                for (part, folded) in zip(group.parts, parts) {
                    let count = part.convolution.outputs
                    let source = (row * group.kernel.width + column) * group.inputs * count
                    folded.kernel.withUnsafeBufferPointer { kernel in
                        for input in 0..<group.inputs {
                            for output in 0..<count {
                                let index =
                                    isTransposed
                                    ? (tap * inputs + first + output) * outputs + input
                                    : (tap * inputs + input) * outputs + first + output
                                values[index] = kernel[source + input * count + output]
                            }
                        }
                    }
                    first += count
                }
            }
        }
        return values
    }
}
