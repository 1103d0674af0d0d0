/// A convolution's kernel in the form that one pass needs: `[tap][input][output]` of that pass.
///
/// In the backward pass the convolution's outputs are the inputs, and the taps of a phase are in the order in which
/// they read the gradient. If a pass computes several neighbouring outputs as one, their channels follow each other.
struct KernelMatrix: Hashable {
    let group: ConvolutionGroup
    /// The kernel's row for each tap; one list for each of the outputs computed as one.
    let rows: [[Int?]]
    let columns: [[Int?]]
    let isTransposed: Bool

    init(_ group: ConvolutionGroup, _ correlation: Correlation, isTransposed: Bool) {
        self.group = group
        rows = correlation.vertical.kernels
        columns = correlation.horizontal.kernels
        self.isTransposed = isTransposed
    }

    var rowTaps: Int { rows.first?.count ?? 0 }
    var columnTaps: Int { columns.first?.count ?? 0 }
    var taps: Int { rowTaps * columnTaps }
    /// The input channels that one output depends on.
    var inputs: Int { group.isDepthwise ? 1 : isTransposed ? group.outputs : group.inputs }
    var outputs: Int { (isTransposed ? group.inputs : group.outputs) * rows.count * columns.count }

    /// The number of products of an input and a weight for one pixel. If several outputs are computed as one, the zeros
    /// between their weights do not count.
    var products: Int {
        func used(_ kernels: [[Int?]]) -> Int { kernels.reduce(0) { $0 + $1.count { $0 != nil } } }
        return used(rows) * used(columns) * group.inputsPerOutput * group.outputs
    }

    /// The matrix, from the folded kernels of the group's parts.
    func values(_ parts: [FoldedConvolution]) -> [Float] {
        var values = [Float](repeating: 0, count: taps * inputs * outputs)
        let block = isTransposed ? group.inputs : group.outputs
        for (rowPhase, rowKernels) in rows.enumerated() {
            for (columnPhase, columnKernels) in columns.enumerated() {
                let first = (rowPhase * columns.count + columnPhase) * block
                for (row, kernelRow) in rowKernels.enumerated() {
                    for (column, kernelColumn) in columnKernels.enumerated() {
                        guard let kernelRow, let kernelColumn else { continue }
                        fill(
                            &values, tap: row * columnTaps + column, firstOutput: first,
                            from: kernelRow * group.kernel.width + kernelColumn, of: parts)
                    }
                }
            }
        }
        return values
    }

    /// Copies the weights of one tap from the tap `source` of the kernels.
    private func fill(
        _ values: inout [Float], tap: Int, firstOutput: Int, from source: Int, of parts: [FoldedConvolution]
    ) {
        let (inputs, outputs) = (inputs, outputs)
        values.withUnsafeMutableBufferPointer { values in
            var firstPart = 0
            for (part, folded) in zip(group.parts, parts) {
                let count = part.convolution.outputs
                folded.kernel.withUnsafeBufferPointer { kernel in
                    for input in 0..<group.inputsPerOutput {
                        let from = (source * group.inputsPerOutput + input) * count
                        for output in 0..<count {
                            let (into, outOf) =
                                isTransposed && !group.isDepthwise
                                ? (input, firstPart + output) : (firstPart + output, input)
                            values[(tap * inputs + outOf) * outputs + firstOutput + into] = kernel[from + output]
                        }
                    }
                }
                firstPart += count
            }
        }
    }
}
