/// The value of an objective and its gradient at its layers, from the sums of the layers' channels over each row.
///
/// Rows are added in a fixed order, so that nothing depends on which thread summed which.
final class Objective {
    /// A layer of the objective.
    private final class Layer {
        private let terms: [ObjectiveTerm]
        private let size: (height: Int, width: Int)
        /// The sums of row `y`'s channels, from `y` times the number of channels on.
        let sums: UnsafeMutableBufferPointer<Double>
        /// The gradient with respect to each channel, the same at every pixel.
        let seed: AlignedBuffer
        private let means: UnsafeMutableBufferPointer<Double>
        private let gradient: UnsafeMutableBufferPointer<Double>

        init(terms: [ObjectiveTerm], channels: Int, size: (height: Int, width: Int)) {
            self.terms = terms
            self.size = size
            func zeros(_ count: Int) -> UnsafeMutableBufferPointer<Double> {
                let buffer = UnsafeMutableBufferPointer<Double>.allocate(capacity: count)
                buffer.initialize(repeating: 0)
                return buffer
            }
            sums = zeros(size.height * channels)
            (means, gradient) = (zeros(channels), zeros(channels))
            seed = AlignedBuffer([Float](repeating: 0, count: channels))
        }

        /// The sum of the layer's terms; sets the seed.
        func evaluate() -> Double {
            let pixels = Double(size.height * size.width)
            means.update(repeating: 0)
            gradient.update(repeating: 0)
            for first in stride(from: 0, to: sums.count, by: means.count) {
                for channel in means.indices { means[channel] += sums[first + channel] }
            }
            for channel in means.indices { means[channel] /= pixels }
            let value = terms.reduce(0) { $0 + $1.value(ofMeans: means, addingTo: gradient) }
            for channel in means.indices { seed.floats[channel] = Float(gradient[channel] / pixels) }
            return value
        }

        deinit { for buffer in [sums, means, gradient] { buffer.deallocate() } }
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

    /// Where the sums of a layer's row go; nil for a tensor that is no layer of the objective.
    func sums(_ tensor: Graph.TensorID) -> UnsafeMutableBufferPointer<Double>? { layers[tensor]?.sums }

    /// The objective's gradient with respect to each channel of a layer, the same at every pixel.
    func seed(_ tensor: Graph.TensorID) -> AlignedBuffer? { layers[tensor]?.seed }

    /// Brings value and seeds up to date with the sums.
    func evaluate() {
        value = tensors.reduce(0) { $0 + (layers[$1]?.evaluate() ?? 0) }
    }
}
