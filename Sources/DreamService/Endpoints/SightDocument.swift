import DeepDream

/// What a network sees in a photo, as JSON: the answer to `POST /activations`.
struct SightDocument: Encodable {
    struct Size: Encodable {
        let width, height: Int
    }

    struct Position: Encodable {
        let x, y: Double
    }

    struct Channel: Encodable {
        let channel: Int
        let names: [String]
        let mean, contrast, maximum: Double
        /// Of the maximum, from 0 at the left and the top to 1.
        let position: Position
        /// The activations of all cells, row by row.
        let map: [Float]
    }

    struct Label: Encodable {
        let number: Int
        let name: String
        let probability: Double
    }

    let model, layer: String
    /// The size at which the network looked at the photo.
    let size: Size
    /// The rows and columns of cells that a map has.
    let rows, columns: Int
    let channels: [Channel]
    /// The five likeliest classes; empty for networks without a classifier.
    let labels: [Label]

    init(_ sight: Sight, model: String) {
        self.model = model
        layer = sight.layer
        size = Size(width: sight.width, height: sight.height)
        (rows, columns) = (sight.rows, sight.columns)
        channels = sight.channels.map { channel in
            Channel(
                channel: channel.number, names: channel.names, mean: Self.rounded(channel.mean),
                contrast: Self.rounded(channel.contrast), maximum: Self.rounded(channel.maximum),
                position: Position(x: channel.position.x, y: channel.position.y),
                map: channel.map.map { Float(Self.rounded(Double($0))) })
        }
        labels = sight.labels.map { Label(number: $0.number, name: $0.name, probability: Self.rounded($0.probability)) }
    }

    /// With five digits behind the point, and never infinite, which JSON does not have.
    private static func rounded(_ value: Double) -> Double {
        value.isFinite ? (value * 1e5).rounded() / 1e5 : 0
    }
}
