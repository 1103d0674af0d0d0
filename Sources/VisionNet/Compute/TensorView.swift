/// Where the numbers of an NHWC tensor, or of some channels of one, stand in memory (N = 1).
struct TensorView {
    /// Pixel (0, 0), first channel.
    let origin: UnsafeMutablePointer<Float>
    let height: Int
    let width: Int
    let channels: Int
    /// Floats from a row to the next.
    let rowStride: Int
    /// Floats from a pixel to the next.
    let pixelStride: Int

    /// The pixels that a pass reads: all, or those of one phase.
    func phase(_ pass: Correlation) -> TensorView {
        let (rows, columns) = (pass.vertical.inputPhase, pass.horizontal.inputPhase)
        return TensorView(
            origin: origin + rows.first * rowStride + columns.first * pixelStride, height: rows.count(of: height),
            width: columns.count(of: width), channels: channels, rowStride: rowStride * rows.step,
            pixelStride: pixelStride * columns.step)
    }

    func row(_ row: Int) -> UnsafeMutablePointer<Float> { origin + row * rowStride }
}

/// The extent of a tensor with zeros around it, and how much memory it takes.
struct TensorLayout {
    let height: Int
    let width: Int
    let channels: Int
    /// Rows of zeros above and below, columns of zeros left and right.
    var border: (rows: Int, columns: Int) = (0, 0)

    var rowStride: Int { (width + 2 * border.columns) * channels }
    var floats: Int { (height + 2 * border.rows) * rowStride }

    func view(at base: UnsafeMutablePointer<Float>, channels range: Range<Int>) -> TensorView {
        TensorView(
            origin: base + border.rows * rowStride + border.columns * channels + range.lowerBound,
            height: height, width: width, channels: range.count, rowStride: rowStride, pixelStride: channels)
    }

    func clearBorder(at base: UnsafeMutablePointer<Float>) {
        let above = border.rows * rowStride + border.columns * channels
        base.update(repeating: 0, count: above)
        // What is right of one row and left of the next lies together.
        for row in 0..<height - 1 where border.columns > 0 {
            let end = base + (border.rows + row) * rowStride + (border.columns + width) * channels
            end.update(repeating: 0, count: 2 * border.columns * channels)
        }
        (base + floats - above).update(repeating: 0, count: above)
    }
}
