import VisionNet

/// The direction in which a picture gets smoother and more like its photo, for steps beside the objective's gradient:
///
/// `−total_variation · ∇TV(x) − photo_distance · (x − photo)`
///
/// `TV` is the sum over pixels and channels of `√(across² + down² + smoothing²)`, where `across` and `down` are the
/// differences to the next pixel on the right and below (0 at the border). Rudin, Osher and Fatemi, "Nonlinear total
/// variation based noise removal algorithms", 1992.
final class Penalties {
    let direction: VectorMath.Floats

    private let picture: VectorMath.Floats
    private let width: Int
    private let height: Int
    private let photo: FloatBuffer?
    private let totalVariation: Float
    private let photoDistance: Float
    private let own: FloatBuffer

    /// Differences much smaller than this are smoothed in proportion to their size, larger ones all alike.
    private static let smoothing: Float = 0.01

    /// - Returns: nil if nothing is penalised.
    init?(of picture: VectorMath.Floats, width: Int, height: Int, photo: FloatBuffer?, _ shaping: GradientShaping) {
        guard shaping.totalVariation > 0 || shaping.photoDistance > 0 else { return nil }
        (self.picture, self.width, self.height, self.photo) = (picture, width, height, photo)
        (totalVariation, photoDistance) = (Float(shaping.totalVariation), Float(shaping.photoDistance))
        own = FloatBuffer(count: picture.count)
        direction = own.values
    }

    /// Computes a row of the direction. No row of the picture may change meanwhile.
    func update(_ row: Int) {
        let line = row * 3 * width..<(row + 1) * 3 * width
        if let photo, photoDistance > 0 {
            for index in line { direction[index] = photoDistance * (photo.values[index] - picture[index]) }
        } else {
            for index in line { direction[index] = 0 }
        }
        guard totalVariation > 0 else { return }
        for column in 0..<width {
            for index in line.lowerBound + 3 * column..<line.lowerBound + 3 * (column + 1) {
                let (here, above) = (slopes(row, column, index), row > 0)
                var steepness = -here.across / here.length - here.down / here.length
                if column > 0 {
                    let left = slopes(row, column - 1, index - 3)
                    steepness += left.across / left.length
                }
                if above {
                    let upper = slopes(row - 1, column, index - 3 * width)
                    steepness += upper.down / upper.length
                }
                direction[index] -= totalVariation * steepness
            }
        }
    }

    /// The differences to the next pixels, and their common length.
    private func slopes(_ row: Int, _ column: Int, _ index: Int) -> (across: Float, down: Float, length: Float) {
        let across = column + 1 < width ? picture[index + 3] - picture[index] : 0
        let down = row + 1 < height ? picture[index + 3 * width] - picture[index] : 0
        return (across, down, (across * across + down * down + Self.smoothing * Self.smoothing).squareRoot())
    }
}
