import CVectorKernels

/// The value of an objective and its gradient at its layers, from the sums of each row's channels.
///
/// Rows are added in a fixed order, so the result does not depend on which thread summed which row.
final class Objective {
    /// A layer of the objective.
    private final class Layer {
        /// One quantity that is summed over the pixels, activations or squares, and the terms that use it.
        final class Statistic {
            let terms: [ObjectiveTerm]
            /// The channel sums of each row, `[row][channel]`.
            let sums: UnsafeMutableBufferPointer<Double>
            private let pixels: Double
            private let means: UnsafeMutableBufferPointer<Double>
            /// The derivative by each channel's mean.
            private let gradient: UnsafeMutableBufferPointer<Double>
            /// The derivative by one pixel's contribution to the sum, for each channel.
            let seed: AlignedBuffer

            init(terms: [ObjectiveTerm], channels: Int, size: (height: Int, width: Int)) {
                self.terms = terms
                pixels = Double(size.height * size.width)
                func zeros(_ count: Int) -> UnsafeMutableBufferPointer<Double> {
                    let buffer = UnsafeMutableBufferPointer<Double>.allocate(capacity: count)
                    buffer.initialize(repeating: 0)
                    return buffer
                }
                sums = zeros(size.height * channels)
                (means, gradient) = (zeros(channels), zeros(channels))
                seed = AlignedBuffer([Float](repeating: 0, count: channels))
            }

            /// Computes the sum of the terms and sets the seed.
            func evaluate(factor: Double) -> Double {
                means.update(repeating: 0)
                gradient.update(repeating: 0)
                for first in stride(from: 0, to: sums.count, by: means.count) {
                    for channel in means.indices { means[channel] += sums[first + channel] }
                }
                for channel in means.indices { means[channel] /= pixels }
                let value = terms.reduce(0) { $0 + $1.value(ofMeans: means, addingTo: gradient) }
                for channel in means.indices { seed.floats[channel] = Float(factor * gradient[channel] / pixels) }
                return value
            }

            deinit { for buffer in [sums, means, gradient] { buffer.deallocate() } }
        }

        /// Its seed is the gradient by each channel's activations, equal at all pixels. It exists even if no term uses
        /// it.
        let activations: Statistic
        /// Its seed times an activation is the gradient by that activation; nil if no term uses squares.
        let squares: Statistic?

        init(terms: [ObjectiveTerm], channels: Int, size: (height: Int, width: Int)) {
            let quadratic = terms.filter { $0.measure == .meanOfSquares }
            activations = Statistic(terms: terms.filter { $0.measure == .mean }, channels: channels, size: size)
            squares = quadratic.isEmpty ? nil : Statistic(terms: quadratic, channels: channels, size: size)
        }

        func evaluate() -> Double {
            activations.evaluate(factor: 1) + (squares?.evaluate(factor: 2) ?? 0)
        }
    }

    private let layers: [Graph.TensorID: Layer]
    /// The layers' terms that differ from pixel to pixel.
    private let pixels: [Graph.TensorID: PixelObjective]
    /// The layers' tensors, in a fixed order.
    let tensors: [Graph.TensorID]
    /// The objective after the last evaluation.
    private(set) var value = 0.0

    init(
        _ terms: [ObjectiveTerm], pixels: [Graph.TensorID: PixelObjective], graph: Graph,
        sizes: [Graph.TensorID: (height: Int, width: Int)]
    ) {
        var groups = Dictionary(grouping: terms, by: \.tensor)
        for tensor in pixels.keys where groups[tensor] == nil { groups[tensor] = [] }
        self.pixels = pixels
        tensors = groups.keys.sorted()
        layers = Dictionary(
            uniqueKeysWithValues: groups.map { tensor, terms in
                let channels = graph.tensors[tensor].channels
                return (tensor, Layer(terms: terms, channels: channels, size: sizes[tensor] ?? (1, 1)))
            })
    }

    /// Where to write the channel sums of a layer's rows; nil if no term uses them.
    func sums(_ tensor: Graph.TensorID) -> UnsafeMutableBufferPointer<Double>? {
        layers[tensor].flatMap { $0.activations.terms.isEmpty ? nil : $0.activations.sums }
    }

    /// Where to write the channel sums of the squares of a layer's rows; nil if no term uses them.
    func squareSums(_ tensor: Graph.TensorID) -> UnsafeMutableBufferPointer<Double>? { layers[tensor]?.squares?.sums }

    /// The part of a layer's objective that differs from pixel to pixel; nil if there is none.
    func pixels(_ tensor: Graph.TensorID) -> PixelObjective? { pixels[tensor] }

    /// Whether the objective's own part of a layer's gradient differs from pixel to pixel, so that it needs a step.
    func hasOwnSeed(_ tensor: Graph.TensorID) -> Bool { layers[tensor]?.squares != nil || pixels[tensor] != nil }

    /// The part of the objective's gradient that is equal at all pixels of a layer, for each channel.
    func seed(_ tensor: Graph.TensorID) -> AlignedBuffer? { layers[tensor]?.activations.seed }

    /// The factor of each channel's activations in the rest of the gradient.
    func squareSeed(_ tensor: Graph.TensorID) -> AlignedBuffer? { layers[tensor]?.squares?.seed }

    /// Updates value and seeds from the sums.
    func evaluate() {
        value = tensors.reduce(0) { $0 + (layers[$1]?.evaluate() ?? 0) + (pixels[$1]?.value ?? 0) }
    }
}
