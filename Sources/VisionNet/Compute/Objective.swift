import CVectorKernels

/// The value of an objective and its gradient at its layers, from the sums of the layers' channels over each row.
///
/// Rows are added in a fixed order, so that nothing depends on which thread summed which.
final class Objective {
    /// A layer of the objective.
    private final class Layer {
        /// What is summed over the pixels for some of the terms.
        final class Statistic {
            let terms: [ObjectiveTerm]
            /// The sums of row `y`'s channels, from `y` times the number of channels on.
            let sums: UnsafeMutableBufferPointer<Double>
            private let pixels: Double
            private let means: UnsafeMutableBufferPointer<Double>
            /// The derivative by each channel's mean.
            private let gradient: UnsafeMutableBufferPointer<Double>
            /// The derivative by what each pixel adds to the mean.
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

            /// The sum of the terms; sets the seed.
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

        /// Its seed is the gradient with respect to each channel, the same at every pixel. There even without terms.
        let activations: Statistic
        /// Its seed is what an activation is multiplied by for its gradient; nil where no term takes squares.
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
    /// In a fixed order.
    let tensors: [Graph.TensorID]
    /// Of the last evaluation.
    private(set) var value = 0.0

    init(_ terms: [ObjectiveTerm], graph: Graph, sizes: [Graph.TensorID: (height: Int, width: Int)]) {
        let groups = Dictionary(grouping: terms, by: \.tensor)
        tensors = groups.keys.sorted()
        layers = Dictionary(
            uniqueKeysWithValues: groups.map { tensor, terms in
                let channels = graph.tensors[tensor].channels
                return (tensor, Layer(terms: terms, channels: channels, size: sizes[tensor] ?? (1, 1)))
            })
    }

    /// Where the sums of a layer's row go; nil where no term takes them.
    func sums(_ tensor: Graph.TensorID) -> UnsafeMutableBufferPointer<Double>? {
        layers[tensor].flatMap { $0.activations.terms.isEmpty ? nil : $0.activations.sums }
    }

    /// Where the sums of the squares of a layer's row go; nil where no term takes them.
    func squareSums(_ tensor: Graph.TensorID) -> UnsafeMutableBufferPointer<Double>? { layers[tensor]?.squares?.sums }

    func hasSquares(_ tensor: Graph.TensorID) -> Bool { layers[tensor]?.squares != nil }

    /// The part of the objective's gradient that is the same at every pixel of a layer, for each channel.
    func seed(_ tensor: Graph.TensorID) -> AlignedBuffer? { layers[tensor]?.activations.seed }

    /// What each channel's activations are multiplied by for the rest of the gradient.
    func squareSeed(_ tensor: Graph.TensorID) -> AlignedBuffer? { layers[tensor]?.squares?.seed }

    /// Brings value and seeds up to date with the sums.
    func evaluate() {
        value = tensors.reduce(0) { $0 + (layers[$1]?.evaluate() ?? 0) }
    }
}
