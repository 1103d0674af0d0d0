import VisionNet

/// The weights of one of the networks in a state dictionary, by this project's names of tensors.
public struct PyTorchWeights {
    public let network: Network
    /// Names and shapes of all tensors in the order of the network's description.
    public let tensors: [(name: String, shape: [Int])]
    private let dictionary: StateDictionary
    /// PyTorch's name for each of `tensors`, with the shape that it has there.
    private let originals: [String: (name: String, shape: [Int])]

    /// What wrappers of a network put before its tensors' names: DataParallel and AveragedModel, torch.compile,
    /// Lightning.
    private static let wrapperPrefixes = ["module.", "_orig_mod.", "model."]
    /// How many sets of weights AveragedModel has averaged.
    private static let averagedCount = "n_averaged"

    /// - Parameter network: nil for the one whose tensors these are.
    /// - Throws: `PyTorchFileError.unknownNetwork` or `.foreignTensor`; `ModelError.missingTensor` or `.wrongShape`.
    public init(_ dictionary: StateDictionary, network: Network? = nil) throws {
        let prefix = Self.wrapperPrefix(in: dictionary)
        let network = try network ?? Self.network(of: dictionary, prefix: prefix)
        self.network = network
        self.dictionary = dictionary
        var tensors: [(name: String, shape: [Int])] = []
        var originals: [String: (name: String, shape: [Int])] = [:]
        for (convolution, names) in try Self.names(in: network, prefix: prefix, file: dictionary.name) {
            func add(_ name: String, _ shape: [Int], from original: String, _ originalShape: [Int]) throws {
                try dictionary.check(original, shape: originalShape)
                tensors.append(("\(convolution.name).\(name)", shape))
                originals["\(convolution.name).\(name)"] = (original, originalShape)
            }
            let kernel = convolution.kernelShape
            let weight = "\(names.convolution).weight"
            // A classifier is a matrix there, and a convolution with a window of one pixel here.
            let isMatrix = dictionary[weight]?.shape.count == 2 && convolution.kernel == 1
            try add(
                "kernel", kernel, from: weight,
                isMatrix ? [kernel[3], kernel[2]] : [kernel[3], kernel[2], kernel[0], kernel[1]])
            let vector = [convolution.outputs]
            if let normalization = names.normalization {
                try add("gamma", vector, from: "\(normalization).weight", vector)
                try add("beta", vector, from: "\(normalization).bias", vector)
                try add("moving_mean", vector, from: "\(normalization).running_mean", vector)
                try add("moving_variance", vector, from: "\(normalization).running_var", vector)
            } else {
                try add("bias", vector, from: "\(names.convolution).bias", vector)
            }
        }
        let used = Set(originals.values.map(\.name))
        // BatchNorm counts the batches that it was trained on, which nothing needs.
        if let foreign = dictionary.tensors.first(where: {
            !used.contains($0.name) && !$0.name.hasSuffix(".num_batches_tracked") && $0.name != Self.averagedCount
                && !network.ignores($0.name.dropFirst(prefix.count))
        }) {
            throw PyTorchFileError.foreignTensor(
                name: foreign.name, network: network.name, file: dictionary.name)
        }
        self.tensors = tensors
        self.originals = originals
    }

    /// The tensor of this name, row-major; a kernel as `[height, width, inputs, outputs]` (HWIO).
    ///
    /// - Throws: `ModelError.missingTensor`.
    public func tensor(named name: String) throws -> [Float] {
        guard let original = originals[name] else {
            throw ModelError.missingTensor(name: name, file: dictionary.name)
        }
        let values = try dictionary.tensor(named: original.name, shape: original.shape)
        guard original.shape.count > 1 else { return values }
        let (outputs, inputs) = (original.shape[0], original.shape[1])
        let taps = original.shape.dropFirst(2).reduce(1, *)
        return [Float](unsafeUninitializedCapacity: values.count) { buffer, count in
            for output in 0..<outputs {
                for input in 0..<inputs {
                    for tap in 0..<taps {
                        buffer[(tap * inputs + input) * outputs + output] =
                            values[(output * inputs + input) * taps + tap]
                    }
                }
            }
            count = values.count
        }
    }

    /// What stands before the name of every tensor.
    private static func wrapperPrefix(in dictionary: StateDictionary) -> String {
        let names = dictionary.tensors.map(\.name).filter { $0 != averagedCount }
        var prefix = ""
        while !names.isEmpty,
            let next = wrapperPrefixes.first(where: { next in names.allSatisfy { $0.hasPrefix(prefix + next) } })
        {
            prefix += next
        }
        return prefix
    }

    /// The network that has a tensor of the file's for every convolution of its own.
    private static func network(of dictionary: StateDictionary, prefix: String) throws -> Network {
        let candidates = Network.all.filter { $0.pyTorchNames != nil }
        let network = try candidates.first { network in
            try names(in: network, prefix: prefix, file: dictionary.name).allSatisfy { convolution, names in
                guard let shape = dictionary["\(names.convolution).weight"]?.shape else { return false }
                return shape.prefix(2) == [convolution.kernelShape[3], convolution.kernelShape[2]]
            }
        }
        guard let network else {
            throw PyTorchFileError.unknownNetwork(file: dictionary.name, known: candidates.map(\.name))
        }
        return network
    }

    private static func names(
        in network: Network, prefix: String, file: String
    ) throws -> [(convolution: Convolution, names: PyTorchNames)] {
        guard let names = network.pyTorchNames else {
            throw PyTorchFileError.unknownNetwork(
                file: file, known: Network.all.filter { $0.pyTorchNames != nil }.map(\.name))
        }
        return network.graph().convolutions.filter { !$0.tensors.isEmpty }.map { convolution in
            let found = names(convolution)
            let prefixed = PyTorchNames(
                convolution: prefix + found.convolution, normalization: found.normalization.map { prefix + $0 })
            return (convolution, prefixed)
        }
    }
}

extension Network {
    fileprivate func ignores(_ tensor: some StringProtocol) -> Bool {
        unusedPyTorchTensors.contains { tensor.hasPrefix($0) }
    }
}
