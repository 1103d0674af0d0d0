import Imaging
import VisionNet

/// What a network sees in a photo: the channels of a layer that answer most, and where; and the photo's classes.
public struct Sight: Sendable {
    /// What a channel has found.
    public struct Channel: Sendable {
        public let number: Int
        /// The model's names for what it sees, in alphabetical order; empty where it has none.
        public let names: [String]
        /// The mean of its activations over the photo.
        public let mean: Double
        /// Their standard deviation.
        public let contrast: Double
        /// Its largest activation.
        public let maximum: Double
        /// Where that is: the middle of a cell of the layer's grid.
        public let position: GradientPlan.Term.Position
        /// Its activations, one for each cell, row by row.
        public let map: [Float]
    }

    /// A class of things, and how likely the network finds it.
    public struct Label: Sendable {
        public let number: Int
        public let name: String
        /// In 0...1; those of all classes add up to 1.
        public let probability: Double
    }

    public let layer: String
    /// The rows and columns of cells that the layer divides the photo into.
    public let rows, columns: Int
    /// The size at which the network looked at the photo, in pixels.
    public let width, height: Int
    /// The layer's channels that answer most, from the strongest.
    public let channels: [Channel]
    /// The five likeliest classes, from the likeliest; empty for networks without a classifier.
    public let labels: [Label]

    /// How many classes are named.
    static let labelCount = 5
}

extension Dreamer {
    /// Asks the network what it sees in a photo.
    ///
    /// The classes' probabilities are the softmax of their evidence, averaged over the photo, which is seen whole and
    /// in its own shape.
    ///
    /// - Parameter isCancelled: asked often on this thread. Once it returns true, this ends soon with
    ///   `CancellationError`.
    /// - Throws: `RecipeError.invalidValue` if the model lacks the layer; `ModelError` if the weights cannot be used.
    public func see(
        _ photo: Image, _ question: SightQuestion = SightQuestion(),
        isCancelled: @escaping @Sendable () -> Bool = { false }
    ) throws -> Sight {
        let layer = try question.layer(of: model)
        let classifier = model.classifier
        let (width, height) = OutputSize.longerSide(question.longerSide)
            .resolved(forWidth: photo.width, height: photo.height)
        let canvas = Canvas(width: width, height: height, smallestSide: model.smallestSide)
        let picture = canvas.filled(
            with: FloatImage(
                signedUnit: photo.resized(
                    width: width, height: height, filter: .lanczos3, isCancelled: isCancelled)))
        let activations = try activations(
            of: [layer.name] + (classifier.map { [$0.layer.name] } ?? []), picture: picture, isCancelled: isCancelled)
        guard let found = activations[layer.name] else {
            throw RecipeError.invalidValue(field: "layer", value: layer.name, allowed: "a layer of the model")
        }
        let cells = LayerCells(found, on: canvas)
        let channels = (0..<found.channels).map { ($0, cells.statistics(ofChannel: $0)) }
        func strength(_ statistics: LayerCells.Statistics) -> Double {
            switch question.order {
            case .contrast: statistics.deviation
            case .mean: statistics.mean
            case .maximum: statistics.maximum
            }
        }
        // Channels of equal strength, such as silent ones, in the order of their numbers.
        let strongest = channels.sorted { (-strength($0.1), $0.0) < (-strength($1.1), $1.0) }.prefix(question.count)
        return Sight(
            layer: layer.name, rows: cells.rows.count, columns: cells.columns.count, width: width, height: height,
            channels: strongest.map { number, statistics in
                Sight.Channel(
                    number: number, names: layer.channelNames?.names(ofChannel: number) ?? [], mean: statistics.mean,
                    contrast: statistics.deviation, maximum: statistics.maximum, position: statistics.position,
                    map: cells.map(ofChannel: number))
            },
            labels: classifier.flatMap { classifier in
                activations[classifier.layer.name].map { Sight.likeliest(in: $0, names: classifier.classes) }
            } ?? [])
    }
}

extension Sight {
    /// The likeliest classes, by the mean evidence over all cells.
    fileprivate static func likeliest(in evidence: LayerActivations, names: [String]) -> [Label] {
        var sums = [Double](repeating: 0, count: evidence.channels)
        for (index, value) in evidence.values.enumerated() { sums[index % evidence.channels] += Double(value) }
        let cells = Double(evidence.height * evidence.width)
        let logits = sums.map { $0 / cells }
        let probabilities = Softmax.of(logits)
        let best = logits.indices.sorted { (-logits[$0], $0) < (-logits[$1], $1) }.prefix(labelCount)
        return best.map { number in
            Label(
                number: number, name: number < names.count ? names[number] : "class \(number)",
                probability: probabilities[number])
        }
    }
}
