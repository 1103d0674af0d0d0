/// Lists the layers in a file of Keras weights, in any layout that a version of Keras has written.
enum KerasLayers {
    /// The layers with tensors, in the file's order.
    ///
    /// - Throws: `KerasFileError`.
    static func read(_ file: HDF5File) throws -> [KerasLayer] {
        // In the file of a whole model, the weights are in a group of their own.
        let root = file.hasGroup("/model_weights") ? "/model_weights" : ""
        if let names = try attribute("layer_names", at: root.isEmpty ? "/" : root, of: file) {
            return try legacyLayers(named: names, root: root, file)
        }
        if let names = try file.names(in: "/layers") {
            return try keras3Layers(named: names, file)
        }
        throw KerasFileError.foreign(
            file: file.path,
            reason: "it has neither the attribute 'layer_names' nor the group 'layers' of Keras weights")
    }

    // MARK: The layout of Keras 1 and 2, and of Keras 3 for files named ".h5"

    /// Every layer is a group whose attribute `weight_names` lists datasets such as `conv2d_1/kernel:0`.
    private static func legacyLayers(named names: [String], root: String, _ file: HDF5File) throws -> [KerasLayer] {
        var layers: [KerasLayer] = []
        var positions: [String: Int] = [:]
        for name in names {
            let group = "\(root)/\(name)"
            guard let weights = try attribute("weight_names", at: group, of: file) else {
                throw KerasFileError.damaged(file: file.path, reason: "the layer '\(name)' has no 'weight_names'")
            }
            for weight in weights {
                let parts = weight.split(separator: "/")
                guard let last = parts.last else { continue }
                // TensorFlow 1 numbered a variable's outputs: "kernel:0".
                guard let role = KerasLayer.Role(rawValue: String(last.prefix { $0 != ":" })) else { continue }
                // A model within a model is one group, where only the weights' names tell the layers apart and the
                // moving statistics of all come last.
                let owner = parts.count > 1 ? String(parts[parts.count - 2]) : name
                let key = "\(name)/\(owner)"
                let position = positions[key] ?? layers.count
                if position == layers.count {
                    layers.append(KerasLayer(name: owner, datasets: [:]))
                    positions[key] = position
                }
                layers[position].datasets[role] = "\(group)/\(weight)"
            }
        }
        return layers
    }

    /// A list of strings, which is in parts `NAME0`, `NAME1` … if it was too long for one attribute.
    private static func attribute(_ name: String, at place: String, of file: HDF5File) throws -> [String]? {
        if let whole = try file.strings(ofAttribute: name, at: place) { return whole }
        var strings: [String]?
        var index = 0
        while let part = try file.strings(ofAttribute: "\(name)\(index)", at: place) {
            strings = (strings ?? []) + part
            index += 1
        }
        return strings
    }

    // MARK: The layout of Keras 3 for files named ".weights.h5"

    /// Every layer is a group `layers/CLASS_N` whose tensors are `vars/0`, `vars/1` … . N is a position in the
    /// model's list of layers, which is sorted by depth; the layer's own name is an attribute of `vars`.
    private static func keras3Layers(named groups: [String], _ file: HDF5File) throws -> [KerasLayer] {
        let convolutions = try keras3Layers(of: "conv2d", kind: .convolution, among: groups, file)
        let norms = try keras3Layers(of: "batch_normalization", kind: .normalization, among: groups, file)
        return convolutions + norms
    }

    private static func keras3Layers(
        of className: String, kind: KerasLayer.Kind, among groups: [String], _ file: HDF5File
    ) throws -> [KerasLayer] {
        let members = groups.filter { group in
            guard group.hasPrefix(className) else { return false }
            let rest = group.dropFirst(className.count)
            return rest.isEmpty || (rest.first == "_" && Int(rest.dropFirst()) != nil)
        }
        let positions = members.map { KerasLayer(name: $0, datasets: [:]).number }
        return try zip(members, positions).map { group, position in
            let variables = "/layers/\(group)/vars"
            let roles: [KerasLayer.Role] =
                switch (kind, try file.names(in: variables)?.count) {
                case (.convolution, 1): [.kernel]
                case (.normalization, 3): [.beta, .movingMean, .movingVariance]
                case (.normalization, 4): [.gamma, .beta, .movingMean, .movingVariance]
                case (_, let count):
                    throw KerasFileError.foreign(
                        file: file.path, reason: "the layer '\(group)' has \(count ?? 0) tensors, unlike InceptionV3's")
                }
            let name = try file.strings(ofAttribute: "name", at: variables)?.first
            let places = roles.enumerated().map { index, role in (role, "\(variables)/\(index)") }
            return KerasLayer(
                name: name ?? "\(className)_\(creationNumber(ofPosition: position))",
                datasets: Dictionary(uniqueKeysWithValues: places))
        }
    }

    /// The number, in the order of creation, of the convolution at a position in Keras's list of InceptionV3's layers.
    /// It is needed for files of early versions of Keras 3, which lack the layers' names. BatchNorms have the same
    /// order.
    private static func creationNumber(ofPosition position: Int) -> Int {
        keras3Order.indices.contains(position) ? keras3Order[position] : position
    }

    /// From `[l.name for l in InceptionV3(...).layers]`, up to mixed10. The order is the same for every width.
    private static let keras3Order = [
        0, 1, 2, 3, 4,
        8, 6, 9, 5, 7, 10, 11,
        15, 13, 16, 12, 14, 17, 18,
        22, 20, 23, 19, 21, 24, 25,
        27, 28, 26, 29,
        34, 35, 31, 36, 32, 37, 30, 33, 38, 39,
        44, 45, 41, 46, 42, 47, 40, 43, 48, 49,
        54, 55, 51, 56, 52, 57, 50, 53, 58, 59,
        64, 65, 61, 66, 62, 67, 60, 63, 68, 69,
        72, 73, 70, 74, 71, 75,
        80, 77, 81, 78, 79, 82, 83, 76, 84,
        89, 86, 90, 87, 88, 91, 92, 85, 93,
    ]
}
