/// The size of a tensor, including the border of zeros around it.
struct TensorLayout {
    let height: Int
    let width: Int
    let channels: Int
    let format: ElementFormat
    /// Rows of zeros above and below, and columns of zeros left and right.
    let border: (rows: Int, columns: Int)

    var rowStride: Int { (width + 2 * border.columns) * channels }
    var bytes: Int { (height + 2 * border.rows) * rowStride * format.bytes }

    func view(at base: UnsafeMutableRawPointer, channels range: Range<Int>) -> TensorView {
        TensorView(
            origin: base + (border.rows * rowStride + border.columns * channels + range.lowerBound) * format.bytes,
            format: format, height: height, width: width, channels: range.count, rowStride: rowStride,
            pixelStride: channels)
    }

    func clearBorder(at base: UnsafeMutableRawPointer) {
        func clear(_ first: Int, _ count: Int) {
            (base + first * format.bytes).initializeMemory(as: UInt8.self, repeating: 0, count: count * format.bytes)
        }
        let above = border.rows * rowStride + border.columns * channels
        clear(0, above)
        // The right border of a row and the left border of the next are adjacent.
        for row in 0..<height - 1 where border.columns > 0 {
            clear((border.rows + row) * rowStride + (border.columns + width) * channels, 2 * border.columns * channels)
        }
        clear(bytes / format.bytes - above, above)
    }
}
