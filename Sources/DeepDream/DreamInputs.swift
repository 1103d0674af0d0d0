import Imaging

/// The pictures that a dream is made of. They stand beside the recipe, whose text cannot hold pictures.
public struct DreamInputs: Sendable {
    /// The photo to dream; nil for dreams from noise.
    public var photo: Image?
    /// Where to dream: white dreams, black keeps the photo, grey blends. It can have any size. Nil dreams everywhere.
    public var mask: Image?
    /// The picture whose features objectives with the measure `guide` look for, of any size.
    public var guide: Image?

    public init(photo: Image? = nil, mask: Image? = nil, guide: Image? = nil) {
        self.photo = photo
        self.mask = mask
        self.guide = guide
    }
}

extension Recipe {
    /// Checks that the pictures for a dream are those that the recipe needs.
    ///
    /// - Throws: `RecipeError.contradiction`.
    public func validate(_ inputs: DreamInputs) throws(RecipeError) {
        switch (from, inputs.photo) {
        case (.photo, nil):
            throw .contradiction(field: "from", value: from.rawValue, reason: "there is no photo")
        case (.noise, .some):
            throw .contradiction(
                field: "from", value: from.rawValue, reason: "there is a photo; leave it out, or give from=photo")
        default: break
        }
        let isGuided = layers.contains { $0.measure == .guide }
        if isGuided, inputs.guide == nil {
            throw .contradiction(
                field: "layers", value: LayerWeight.text(of: layers),
                reason: "there is no guide; send a picture as guide")
        }
        if !isGuided, inputs.guide != nil {
            throw .contradiction(
                field: "layers", value: LayerWeight.text(of: layers),
                reason: "there is a guide, but no layer with ':guide', such as \(layers[0].layer):guide")
        }
    }

    /// The size of a dream that starts from a photo of this size, or from noise.
    ///
    /// - Parameter photo: the photo's size; nil for noise, which is square if only the longer side is given.
    public func dreamSize(forPhoto photo: (width: Int, height: Int)?) -> (width: Int, height: Int) {
        if let photo { return size.resolved(forWidth: photo.width, height: photo.height) }
        return size.resolved(forWidth: OutputSize.largestSquare, height: OutputSize.largestSquare)
    }
}
