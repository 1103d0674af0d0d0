import VisionNet

extension Recipe {
    private static let fixedSide = 64

    /// How much a dream computes, in floating-point operations: those of the gradients in all its octaves and steps
    /// (`VisionModel.operations(ofLayers:width:height:)`), and for each step as many as a picture of 64×64 takes. That
    /// is about what a step costs beside its pixels: small pictures keep the threads waiting for each other.
    ///
    /// - Parameters:
    ///   - model: the model that dreams.
    ///   - width: of the dream, in pixels.
    ///   - height: of the dream, in pixels.
    public func operations(in model: VisionModel, width: Int, height: Int) -> Double {
        let names = Set(((try? objective(in: model)) ?? []).map(\.layer))
        let octaves = octaveSizes(width: width, height: height, smallestSide: model.smallestSide)
        let fixed = model.operations(ofLayers: names, width: Self.fixedSide, height: Self.fixedSide)
        return Double(steps)
            * octaves.reduce(0) { sum, size in
                let sum = sum + fixed
                let canvas = Canvas(width: size.width, height: size.height, smallestSide: model.smallestSide)
                guard let side = tile.side(forWidth: canvas.width, height: canvas.height), parametrization == .pixels
                else { return sum + model.operations(ofLayers: names, width: canvas.width, height: canvas.height) }
                let (rows, columns) = (
                    TileAxis(length: canvas.height, longest: side), TileAxis(length: canvas.width, longest: side)
                )
                return sum + Double(rows.count * columns.count)
                    * model.operations(ofLayers: names, width: columns.tile, height: rows.tile)
            }
    }
}
