/// What a layer sees of a guide picture: the activations of all its pixels, which objectives of the measure `guide`
/// look for.
public struct GuideFeatures: Sendable {
    /// The number of pixels.
    let count: Int
    let channels: Int
    /// `[pixel][channel]`.
    let values: [Float]

    /// - Precondition: `values` has `channels` numbers for each pixel.
    package init(channels: Int, values: [Float]) {
        precondition(channels > 0 && values.count.isMultiple(of: channels))
        (count, self.channels, self.values) = (values.count / channels, channels, values)
    }
}

extension Workspace {
    /// What layers see of a guide picture. The workspace's earlier plan must not be used any more.
    ///
    /// - Parameters:
    ///   - layers: the names of at least one layer.
    ///   - picture: RGB in [-1, 1], row by row.
    ///   - height: the picture's height, at least the model's `smallestSide`.
    ///   - width: the picture's width, at least the model's `smallestSide`.
    /// - Returns: the features of each layer.
    /// - Throws: as `plan`.
    public func guideFeatures(
        of layers: [String], picture: [Float], height: Int, width: Int
    ) throws -> [String: GuideFeatures] {
        try activations(of: layers, picture: picture, height: height, width: width).mapValues {
            GuideFeatures(channels: $0.channels, values: $0.values)
        }
    }
}
