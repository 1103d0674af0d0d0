import COpenBLAS
import CVectorKernels

/// One pass of a convolution over tensors in memory.
struct ConvolutionTask {
    /// How the sums of a pass are computed.
    enum Algorithm: Hashable {
        /// Copies the inputs of each output into a row of a matrix, which OpenBLAS multiplies with the kernel.
        case matrixProduct
        /// The vector kernels' implicit matrix product with factors of this format; it reads zeros around the input.
        case direct(ElementFormat)
        /// The vector kernels' depthwise convolution; it reads zeros around the input.
        case depthwise
        /// The vector kernels' Winograd convolution with tiles of this many outputs, and products of this format.
        case winograd(tileHeight: Int, tileWidth: Int, ElementFormat)
    }

    /// The name in a plan's profile; a prime marks the backward pass.
    let name: String
    let algorithm: Algorithm
    let correlation: Correlation
    let matrix: KernelMatrix
    let input: TensorView
    let output: TensorView
    /// Its signs start at the output tensor's pixel (0, 0).
    let epilogue: vk_epilogue
    /// Keeps the memory alive that the epilogue points to.
    let activation: WeightStore.Activation?

    /// Multiplications and additions that a direct convolution takes.
    var operations: Int { 2 * correlation.pixels * matrix.products }

    /// The epilogue with its signs moved to the pass's first output and spaced by the pass's output step.
    var outputEpilogue: vk_epilogue {
        var placed = epilogue
        let offset =
            correlation.vertical.outputStart * epilogue.sign_row
            + correlation.horizontal.outputStart * epilogue.sign_pixel
        placed.signs_in = epilogue.signs_in.map { $0 + offset }
        placed.signs_out = epilogue.signs_out.map { $0 + offset }
        placed.sign_row *= correlation.vertical.outputStep
        placed.sign_pixel *= correlation.horizontal.outputStep
        return placed
    }

    var outputOrigin: UnsafeMutableRawPointer {
        output.pixel(correlation.vertical.outputStart, correlation.horizontal.outputStart)
    }
    var outputRowStride: Int { output.rowStride * correlation.vertical.outputStep }
    var outputPixelStride: Int { output.pixelStride * correlation.horizontal.outputStep }
}

extension ConvolutionTask.Algorithm {
    /// Whether the kernel reads zeros around the input, so that the tensor needs a border.
    var readsBorder: Bool {
        switch self {
        case .direct, .depthwise: true
        case .matrixProduct, .winograd: false
        }
    }

    /// How the kernel's numbers lie in memory.
    var weightLayout: WeightStore.Layout {
        switch self {
        case .matrixProduct: .matrix
        case .depthwise: .channels
        case .direct(let factors): .panels(factors)
        case .winograd(let tileHeight, let tileWidth, let products):
            .winograd(tileHeight: tileHeight, tileWidth: tileWidth, products)
        }
    }

    /// The format of the factors that are multiplied.
    var factors: ElementFormat {
        switch self {
        case .matrixProduct, .depthwise: .float32
        case .direct(let factors), .winograd(_, _, let factors): factors
        }
    }
}

extension ConvolutionTask.Algorithm: CustomStringConvertible {
    var description: String {
        switch self {
        case .matrixProduct: "openblas"
        case .depthwise: "depthwise"
        case .direct(.float32): "direct"
        case .direct(.bfloat16): "direct bf16"
        case .winograd(let tileHeight, let tileWidth, .float32): "winograd \(tileHeight)×\(tileWidth)"
        case .winograd(let tileHeight, let tileWidth, .bfloat16): "winograd \(tileHeight)×\(tileWidth) bf16"
        }
    }
}
