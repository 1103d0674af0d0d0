import CVectorKernels

/// Arithmetic on lines of floats, computed with this CPU's vector kernels.
package struct VectorMath {
    package typealias Floats = UnsafeMutableBufferPointer<Float>

    /// The sum of values and the sum of their squares.
    package struct Moments {
        package var sum = 0.0
        package var squares = 0.0

        package init() {}

        package static func += (total: inout Moments, other: Moments) {
            total.sum += other.sum
            total.squares += other.squares
        }

        /// The standard deviation of `count` values.
        package func deviation(count: Int) -> Double {
            let mean = sum / Double(count)
            return max(0, squares / Double(count) - mean * mean).squareRoot()
        }
    }

    private let kernels: OpaquePointer

    /// - Parameter workspace: the workspace whose instruction set is used.
    package init(_ workspace: Workspace) {
        kernels = workspace.kernels
    }

    package func moments(of values: Floats) -> Moments {
        var moments = Moments()
        guard let first = values.baseAddress else { return moments }
        vk_moments(kernels, first, values.count, &moments.sum, &moments.squares)
        return moments
    }

    /// Adds `scale · direction` to `values` and clips the result to `range`.
    package func ascend(_ values: Floats, along direction: Floats, by scale: Float, within range: ClosedRange<Float>) {
        precondition(values.count == direction.count)
        guard let first = values.baseAddress, let direction = direction.baseAddress else { return }
        vk_ascend(kernels, first, direction, scale, range.lowerBound, range.upperBound, values.count)
    }

    /// Sets `output` to the sum of `weights[i] · lines[i]`. All lines have the same length; `output` may be one of
    /// them.
    package func weightedSum(
        of lines: UnsafeBufferPointer<UnsafePointer<Float>?>, _ weights: UnsafeBufferPointer<Float>, into output: Floats
    ) {
        precondition(lines.count == weights.count)
        vk_weighted_sum(
            kernels, lines.baseAddress, weights.baseAddress, Int32(lines.count), output.baseAddress, output.count)
    }
}
