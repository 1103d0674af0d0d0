import VisionNet

extension SightQuestion {
    /// How much the answer computes, in the operations of `Recipe.operations(in:width:height:)`: the forward pass
    /// alone, half of a gradient.
    ///
    /// - Parameters:
    ///   - model: the model that looks at the photo.
    ///   - width: of the photo, in pixels.
    ///   - height: of the photo, in pixels.
    public func operations(in model: VisionModel, photoWidth width: Int, height: Int) -> Double {
        let layers = Set([try? layer(of: model).name, model.classifier?.layer.name].compactMap { $0 })
        let size = OutputSize.longerSide(longerSide).resolved(forWidth: width, height: height)
        let canvas = Canvas(width: size.width, height: size.height, smallestSide: model.smallestSide)
        return model.operations(ofLayers: layers, width: canvas.width, height: canvas.height) / 2
    }
}
