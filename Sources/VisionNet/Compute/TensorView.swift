/// The number format of a tensor's elements in memory.
enum ElementFormat {
    case float32
    /// The upper 16 bits of a float.
    case bfloat16

    var bytes: Int {
        switch self {
        case .float32: 4
        case .bfloat16: 2
        }
    }
}

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
