import Imaging

/// What the network sees of a picture that may be too small for it: in the middle the picture itself, around it its
/// mirror images.
struct Canvas {
    let width: Int
    let height: Int
    private let picture: (width: Int, height: Int)
    var pictureWidth: Int { picture.width }
    var pictureHeight: Int { picture.height }

    /// - Parameters:
    ///   - width: the picture's width.
    ///   - height: the picture's height.
    ///   - smallestSide: the smallest side that the network accepts, in pixels.
    init(width: Int, height: Int, smallestSide: Int) {
        picture = (width, height)
        self.width = max(width, smallestSide)
        self.height = max(height, smallestSide)
    }

    /// The canvas with this picture, like `numpy.pad` with mode "symmetric".
    func filled(with picture: FloatImage) -> FloatImage {
        guard isLarger else { return picture }
        let columns = Self.mirroredIndices(canvas: width, picture: picture.width)
        var values: [Float] = []
        values.reserveCapacity(3 * width * height)
        for row in Self.mirroredIndices(canvas: height, picture: picture.height) {
            for column in columns {
                let first = 3 * (row * picture.width + column)
                values += picture.values[first..<first + 3]
            }
        }
        return FloatImage(width: width, height: height, values: values)
    }

    /// The picture in the middle of a canvas with these values.
    func picture(in values: UnsafeMutableBufferPointer<Float>) -> FloatImage {
        let (left, top) = ((width - picture.width) / 2, (height - picture.height) / 2)
        guard isLarger else { return FloatImage(width: width, height: height, values: Array(values)) }
        var cut: [Float] = []
        cut.reserveCapacity(3 * picture.width * picture.height)
        for row in top..<top + picture.height {
            let first = 3 * (row * width + left)
            cut += values[first..<first + 3 * picture.width]
        }
        return FloatImage(width: picture.width, height: picture.height, values: cut)
    }

    /// The picture in the middle of a canvas.
    func picture(in canvas: consuming FloatImage) -> FloatImage {
        guard isLarger else { return canvas }
        return canvas.values.withUnsafeMutableBufferPointer { picture(in: $0) }
    }

    private var isLarger: Bool { (width, height) != picture }

    /// For each index along one side of the canvas, the index along the picture's side that it shows.
    private static func mirroredIndices(canvas: Int, picture: Int) -> [Int] {
        let before = (canvas - picture) / 2
        return (0..<canvas).map { index in
            // The picture and its mirror image alternate.
            let period = 2 * picture
            let place = ((index - before) % period + period) % period
            return place < picture ? place : period - 1 - place
        }
    }
}
