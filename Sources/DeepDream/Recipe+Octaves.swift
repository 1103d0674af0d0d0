extension Recipe {
    /// How many octaves of a dream of this size are skipped, because they are too small for the network.
    public func skippedOctaves(width: Int, height: Int, smallestSide: Int) -> Int {
        let smaller = octaveSizes.filter { $0 < max(width, height) }.count
        let asked = octaveSizes.isEmpty ? octaves : smaller + 1
        return asked - octaveSizes(width: width, height: height, smallestSide: smallestSide).count
    }

    /// The sizes of the octaves for a dream of this size, small to large.
    ///
    /// A size whose longer side is smaller than the network accepts is left out, but for the dream's own: the network
    /// would see little but mirror images of it (see `Canvas`). So are explicit sizes that are not below the dream's
    /// own.
    func octaveSizes(width: Int, height: Int, smallestSide: Int) -> [(width: Int, height: Int)] {
        guard octaveSizes.isEmpty else {
            let longer = max(width, height)
            func scaled(_ side: Int, _ size: Int) -> Int {
                max(1, Int((Double(side) * Double(size) / Double(longer)).rounded(.toNearestOrEven)))
            }
            return octaveSizes.filter { $0 >= smallestSide && $0 < longer }
                .map { (scaled(width, $0), scaled(height, $0)) } + [(width, height)]
        }
        var scale = 1.0
        let smaller = (1..<octaves).map { _ in
            scale *= octaveScale
            func scaled(_ side: Int) -> Int { max(1, Int((Double(side) / scale).rounded(.toNearestOrEven))) }
            return (width: scaled(width), height: scaled(height))
        }
        return smaller.reversed().filter { max($0.width, $0.height) >= smallestSide } + [(width, height)]
    }
}
