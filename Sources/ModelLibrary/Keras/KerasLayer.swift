/// A layer of a Keras weights file: the places of its tensors, and what tells when Keras created it.
struct KerasLayer: Hashable {
    enum Kind {
        case convolution
        case normalization
    }

    /// The tensor's names in Keras, which are this project's too.
    enum Role: String, CaseIterable {
        case kernel, gamma, beta
        case movingMean = "moving_mean"
        case movingVariance = "moving_variance"
    }

    /// The name that Keras gave the layer, `conv2d_12` say.
    let name: String
    /// The places of its tensors in the file.
    var datasets: [Role: String]

    /// Nil where it is neither a convolution nor a BatchNorm.
    var kind: Kind? {
        if datasets[.movingMean] != nil || datasets[.movingVariance] != nil { return .normalization }
        return datasets[.kernel] != nil ? .convolution : nil
    }

    /// The number at the end of the name, which grows in the order of creation; the first layer of its kind in a
    /// session may have none.
    var number: Int {
        let parts = name.split(separator: "_")
        return parts.count > 1 ? parts.last.flatMap { Int($0) } ?? 0 : 0
    }
}
