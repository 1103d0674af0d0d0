/// Where the elements of an NHWC tensor (N = 1), or of some of its channels, are in memory.
struct TensorView {
    /// The first channel of pixel (0, 0).
    let origin: UnsafeMutableRawPointer
    let format: ElementFormat
    let height: Int
    let width: Int
    let channels: Int
    /// Elements from one row to the next.
    let rowStride: Int
    /// Elements from one pixel to the next.
    let pixelStride: Int

    /// The pixels that a pass reads: all of them, or those of one phase.
    func phase(_ pass: Correlation) -> TensorView {
        let (rows, columns) = (pass.vertical.inputPhase, pass.horizontal.inputPhase)
        return TensorView(
            origin: pixel(rows.first, columns.first), format: format, height: rows.count(of: height),
            width: columns.count(of: width), channels: channels, rowStride: rowStride * rows.step,
            pixelStride: pixelStride * columns.step)
    }

    /// The first channel of a pixel; negative rows and columns are in the border.
    func pixel(_ row: Int, _ column: Int) -> UnsafeMutableRawPointer {
        origin + (row * rowStride + column * pixelStride) * format.bytes
    }

    /// A pixel's channels as floats.
    func values(_ row: Int, _ column: Int) -> [Float] {
        let pixel = pixel(row, column)
        return (0..<channels).map { channel in
            switch format {
            case .float32: pixel.load(fromByteOffset: 4 * channel, as: Float.self)
            case .bfloat16:
                Float(bitPattern: UInt32(pixel.load(fromByteOffset: 2 * channel, as: UInt16.self)) << 16)
            }
        }
    }
}
