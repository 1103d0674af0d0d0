import CVectorKernels

/// Arithmetic on whole pictures, with the vector kernels of this CPU.
package struct VectorMath {
    private let kernels: OpaquePointer

    /// - Parameter workspace: whose instruction set is used.
    package init(_ workspace: Workspace) {
        kernels = workspace.kernels
    }

    /// The standard deviation of all values.
    package func deviation(of values: UnsafeMutableBufferPointer<Float>) -> Double {
        guard let base = values.baseAddress, !values.isEmpty else { return 0 }
        var sum = 0.0
        var squares = 0.0
        vk_moments(kernels, base, values.count, &sum, &squares)
        let mean = sum / Double(values.count)
        return max(0, squares / Double(values.count) - mean * mean).squareRoot()
    }

    /// Adds `scale · direction` to `values` and clips the result to `range`.
    package func ascend(
        _ values: UnsafeMutableBufferPointer<Float>, along direction: UnsafeMutableBufferPointer<Float>,
        by scale: Float, within range: ClosedRange<Float>
    ) {
        precondition(values.count == direction.count)
        guard let first = values.baseAddress, let direction = direction.baseAddress else { return }
        vk_ascend(kernels, first, direction, scale, range.lowerBound, range.upperBound, values.count)
    }

    /// Adds `scale · values` to `sum`.
    package func add(
        _ values: UnsafeMutableBufferPointer<Float>, times scale: Float, to sum: UnsafeMutableBufferPointer<Float>
    ) {
        precondition(values.count == sum.count)
        guard let first = values.baseAddress, let total = sum.baseAddress else { return }
        weightedSum(of: [UnsafePointer(total), UnsafePointer(first)], [1, scale], into: total, count: sum.count)
    }

    /// Sets `output` to the sum of `weights[i] · lines[i]`; it may be one of the lines. All have `count` values.
    package func weightedSum(
        of lines: [UnsafePointer<Float>], _ weights: [Float], into output: UnsafeMutablePointer<Float>, count: Int
    ) {
        precondition(lines.count == weights.count)
        let lines = lines.map(Optional.some)
        vk_weighted_sum(kernels, lines, weights, Int32(lines.count), output, count)
    }
}
