/// A layer in a file of Keras weights: its name, and the places of its tensors.
struct KerasLayer: Hashable {
    enum Kind {
        case convolution
        case normalization
    }

    /// The roles of tensors in a layer; this project uses Keras's names for them.
    enum Role: String, CaseIterable {
        case kernel, gamma, beta
        case movingMean = "moving_mean"
        case movingVariance = "moving_variance"
    }

    /// The name that Keras gave the layer, `conv2d_12` say.
    let name: String
    /// The places of its tensors in the file.
    var datasets: [Role: String]

    /// Nil if it is neither a convolution nor a BatchNorm.
    var kind: Kind? {
        if datasets[.movingMean] != nil || datasets[.movingVariance] != nil { return .normalization }
        return datasets[.kernel] != nil ? .convolution : nil
    }

    /// The number at the end of the name, which increases in the order of creation; 0 if there is none, as for the
    /// first layer of its kind in a session.
    var number: Int {
        let parts = name.split(separator: "_")
        return parts.count > 1 ? parts.last.flatMap { Int($0) } ?? 0 : 0
    }
}
