/// A convolution's kernel and bias, with its BatchNorm folded in if it has one.
///
/// BatchNorm computes `(x - mean) / sqrt(variance + epsilon) · gamma + beta` for each output channel; as the
/// convolution is linear, the factor is applied to the kernel and the rest becomes the bias.
package struct FoldedConvolution {
    /// `Convolution.kernelShape`, row-major.
    package let kernel: [Float]
    /// `[outputs]`
    package let bias: [Float]

    /// - Parameters:
    ///   - convolution: the convolution to fold.
    ///   - weights: the source of its tensors.
    ///   - epsilon: added to the variance before BatchNorm divides by its square root.
    /// - Throws: `ModelError` if a tensor is missing, has the wrong shape or holds invalid values.
    package init(_ convolution: Convolution, from weights: any WeightSource, epsilon: Float) throws {
        switch convolution.offset {
        case .batchNorm: try self.init(normalizing: convolution, from: weights, epsilon: epsilon)
        case .fixed(let kernel, let bias): self.init(kernel: kernel, bias: bias)
        case .bias:
            try self.init(
                kernel: Self.finite("\(convolution.name).kernel", shape: convolution.kernelShape, from: weights),
                bias: Self.finite("\(convolution.name).bias", shape: [convolution.outputs], from: weights))
        }
    }

    private init(kernel: [Float], bias: [Float]) {
        self.kernel = kernel
        self.bias = bias
    }

    private init(normalizing convolution: Convolution, from weights: any WeightSource, epsilon: Float) throws {
        let outputs = convolution.outputs
        func vector(_ suffix: String) throws -> [Float] {
            try Self.finite("\(convolution.name).\(suffix)", shape: [outputs], from: weights)
        }
        let beta = try vector("beta")
        let mean = try vector("moving_mean")
        let variance = try vector("moving_variance")
        if let index = variance.firstIndex(where: { $0 < 0 }) {
            throw ModelError.unusableValue(
                tensor: "\(convolution.name).moving_variance", index: index, value: variance[index],
                allowed: "numbers from 0")
        }
        let gamma = weights.contains("\(convolution.name).gamma") ? try vector("gamma") : nil
        // In double precision, so that folding rounds only once.
        let scale = (0..<outputs).map { channel in
            Double(gamma?[channel] ?? 1) / (Double(variance[channel]) + Double(epsilon)).squareRoot()
        }
        bias = (0..<outputs).map { Float(Double(beta[$0]) - Double(mean[$0]) * scale[$0]) }
        try Self.check(
            bias, of: "\(convolution.name).beta", allowed: "numbers that stay finite with BatchNorm folded in")
        var kernel = try Self.finite("\(convolution.name).kernel", shape: convolution.kernelShape, from: weights)
        kernel.withUnsafeMutableBufferPointer { kernel in
            for row in stride(from: 0, to: kernel.count, by: outputs) {
                for channel in 0..<outputs {
                    kernel[row + channel] = Float(Double(kernel[row + channel]) * scale[channel])
                }
            }
        }
        try Self.check(
            kernel, of: "\(convolution.name).kernel", allowed: "numbers that stay finite with BatchNorm folded in")
        self.kernel = kernel
    }

    private static func finite(_ name: String, shape: [Int], from weights: any WeightSource) throws -> [Float] {
        let values = try weights.tensor(named: name, shape: shape)
        try check(values, of: name, allowed: "finite numbers")
        return values
    }

    /// Rejects invalid values: a ReLU turns NaN into zero, so a broken file would go unnoticed.
    private static func check(_ values: [Float], of tensor: String, allowed: String) throws {
        if let index = values.firstIndex(where: { !$0.isFinite }) {
            throw ModelError.unusableValue(tensor: tensor, index: index, value: values[index], allowed: allowed)
        }
    }
}
