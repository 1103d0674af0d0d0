/// Rolls RGB pictures of one size: what leaves at one side comes in at the other.
final class PictureShifter {
    private let width: Int
    private let height: Int
    private lazy var scratch = FloatBuffer(count: 3 * width * height)

    init(width: Int, height: Int) {
        self.width = width
        self.height = height
    }

    /// Moves every pixel down and to the right by so many rows and columns; negative ones move up and left.
    func roll(_ picture: UnsafeMutableBufferPointer<Float>, rows: Int, columns: Int) {
        let down = ((rows % height) + height) % height
        let right = ((columns % width) + width) % width
        guard down != 0 || right != 0, let source = picture.baseAddress, let target = scratch.values.baseAddress else {
            return
        }
        let rowLength = 3 * width
        let split = 3 * (width - right)
        for row in 0..<height {
            let from = source + row * rowLength
            let to = target + (row + down) % height * rowLength
            to.update(from: from + split, count: rowLength - split)
            (to + rowLength - split).update(from: from, count: split)
        }
        source.update(from: target, count: picture.count)
    }
}
