/// A roll of RGB pictures of one size: what leaves at one side comes in at the other.
struct Roll {
    private let width: Int
    private let height: Int
    private let down: Int
    private let right: Int

    /// - Parameters:
    ///   - rows: how far every pixel moves down; negative up.
    ///   - columns: how far it moves to the right; negative to the left.
    init(rows: Int, columns: Int, width: Int, height: Int) {
        (self.width, self.height) = (width, height)
        down = ((rows % height) + height) % height
        right = ((columns % width) + width) % width
    }

    /// Calls `body` with each stretch of a row that stays in one piece: its floats' indices in the picture, and in the
    /// rolled picture.
    func forEachStretch(ofRow row: Int, _ body: (_ place: Range<Int>, _ rolled: Range<Int>) -> Void) {
        let (from, to) = (row * 3 * width, (row + down) % height * 3 * width)
        let (moved, split) = (3 * right, 3 * (width - right))
        body(from..<from + split, to + moved..<to + moved + split)
        if moved > 0 { body(from + split..<from + split + moved, to..<to + moved) }
    }

    /// The pixel of the picture that the rolled picture shows at a place.
    func source(row: Int, column: Int) -> (row: Int, column: Int) {
        ((row - down + height) % height, (column - right + width) % width)
    }
}
