import VisionNet

extension Recipe {
    /// The sizes of the octaves for a dream of this size, small to large; none is smaller than the network accepts.
    func octaveSizes(width: Int, height: Int) -> [(width: Int, height: Int)] {
        var scale = 1.0
        return (0..<octaves).map { _ in
            defer { scale *= octaveScale }
            func scaled(_ side: Int) -> Int {
                max(VisionModel.minimumSide, Int((Double(side) / scale).rounded(.toNearestOrEven)))
            }
            return (scaled(width), scaled(height))
        }.reversed()
    }
}
