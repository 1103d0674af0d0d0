import Glibc
import VisionNet

/// The cells of a layer's grid that lie in the picture, not in the mirror images around it on the canvas.
struct LayerCells {
    /// What a channel's activations are like.
    struct Statistics {
        let mean, deviation, maximum: Double
        /// Of the largest, in the picture.
        let position: GradientPlan.Term.Position
    }

    let rows, columns: Range<Int>
    private let activations: LayerActivations
    private let canvas: Canvas

    init(_ activations: LayerActivations, on canvas: Canvas) {
        self.activations = activations
        self.canvas = canvas
        rows = Self.inside(activations.height, ofCanvas: canvas.height, picture: canvas.pictureHeight)
        columns = Self.inside(activations.width, ofCanvas: canvas.width, picture: canvas.pictureWidth)
    }

    /// The cells along one side whose middle is in the picture; at least the one nearest to the picture's middle.
    private static func inside(_ count: Int, ofCanvas canvas: Int, picture: Int) -> Range<Int> {
        let before = (canvas - picture) / 2
        let found = (0..<count).filter { cell in
            // In half cells, so that all numbers are whole.
            let middle = (2 * cell + 1) * canvas
            return middle >= 2 * count * before && middle < 2 * count * (before + picture)
        }
        guard let first = found.first, let last = found.last else { return count / 2..<count / 2 + 1 }
        return first..<last + 1
    }

    /// A channel's activations, row by row.
    func map(ofChannel channel: Int) -> [Float] {
        rows.flatMap { row in columns.map { value(row, $0, channel) } }
    }

    func statistics(ofChannel channel: Int) -> Statistics {
        var sum = 0.0
        var largest = (value: -Float.infinity, row: rows.lowerBound, column: columns.lowerBound)
        for row in rows {
            for column in columns {
                let value = value(row, column, channel)
                sum += Double(value)
                if value > largest.value { largest = (value, row, column) }
            }
        }
        func place(_ cell: Int, in range: Range<Int>) -> Double {
            (Double(cell - range.lowerBound) + 0.5) / Double(range.count)
        }
        let count = Double(rows.count * columns.count)
        let mean = sum / count
        let squares = map(ofChannel: channel).reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
        return Statistics(
            mean: mean, deviation: sqrt(squares / count), maximum: Double(largest.value),
            position: .init(x: place(largest.column, in: columns), y: place(largest.row, in: rows)))
    }

    private func value(_ row: Int, _ column: Int, _ channel: Int) -> Float {
        activations.values[(row * activations.width + column) * activations.channels + channel]
    }
}
