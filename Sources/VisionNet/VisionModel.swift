/// A network with its weights: immutable, and shared by all workers.
public final class VisionModel: Sendable {
    /// A layer that can be dreamed.
    public struct Layer: Hashable, Sendable {
        public let name: String
        public let channels: Int
        /// Whether an activation function follows that leaves no values below zero, such as ReLU.
        public let isRectified: Bool
        /// Names for some of the channels, by what they see; nil if the model has none.
        public let channelNames: ChannelNames?
    }

    public let name: String
    public let network: Network
    public let width: Width
    /// The strings in the file's header: source, licence, checksum, recommended recipe …
    public let metadata: [String: String]
    /// The layers that an objective can use, from input to output.
    public let layers: [Layer]
    /// The network as published, and with its nodes fused for computing.
    package let graph: Graph
    package let fusedGraph: Graph
    let weights: WeightStore
    /// The bytes of packed weights that are kept for later plans.
    package var cachedWeightBytes: Int { weights.cachedBytes }

    /// The most bytes of packed weights that are kept for later plans.
    package var cachedWeightLimit: Int { weights.cacheLimit }

    /// Limits the packed weights that are kept for later plans.
    package func limitCachedWeights(toBytes bytes: Int) { weights.limitCache(toBytes: bytes) }

    /// Keeps no packed weights but those that plans use.
    package func dropCachedWeights() { weights.emptyCache() }

    /// The smallest side of an input that leaves every layer at least one pixel, in pixels.
    public let smallestSide: Int

    /// A model with weights from any source.
    ///
    /// - Throws: `ModelError` where a tensor is missing or has the wrong shape. Every tensor's shape is checked now;
    ///   the values are read when a plan first needs them.
    public convenience init(
        name: String, network: Network = .inceptionV3, width: Width = .full, metadata: [String: String] = [:],
        weights source: any WeightSource
    ) throws {
        try self.init(
            name: name, network: network, graph: network.graph(width: width), smallestSide: network.smallestSide,
            width: width, metadata: metadata, weights: source)
    }

    /// The layer that rates classes of things at each place, and the classes' names in order; nil for networks without
    /// one. The network's answer is the mean over all places.
    public var classifier: (layer: Layer, classes: [String])? {
        layers.last { network.channelNames[$0.name] != nil }
            .map { ($0, network.channelNames[$0.name] ?? []) }
    }

    /// A model of any graph, for tests of single operations.
    package init(
        name: String, network: Network = .inceptionV3, graph: Graph, smallestSide: Int, width: Width = .full,
        metadata: [String: String] = [:], weights source: any WeightSource, mostCachedWeightBytes: Int? = nil
    ) throws {
        self.name = name
        self.network = network
        self.width = width
        self.metadata = metadata
        self.graph = graph
        self.smallestSide = smallestSide
        fusedGraph = graph.fused()
        for key in metadata.keys.sorted() where key.hasPrefix(ChannelNames.keyPrefix) {
            let layer = String(key.dropFirst(ChannelNames.keyPrefix.count))
            guard graph.layers.contains(where: { $0.name == layer }) else {
                throw ModelError.malformed(file: name, reason: "'\(key)' names channels of a layer that there is not")
            }
        }
        layers = try graph.layers.map { [graph] layer in
            let channels = graph.tensors[layer.tensor].channels
            let names = try metadata[ChannelNames.keyPrefix + layer.name].map {
                try ChannelNames($0, of: layer.name, count: channels, file: name)
            }
            return Layer(
                name: layer.name, channels: channels, isRectified: graph.isRectified(layer.tensor),
                channelNames: names ?? network.channelNames[layer.name].map(ChannelNames.init(inOrder:)))
        }
        for convolution in graph.convolutions {
            for (name, shape) in convolution.tensors { try source.check(name, shape: shape) }
            let gamma = "\(convolution.name).gamma"
            if convolution.offset == .batchNorm, source.contains(gamma) {
                try source.check(gamma, shape: [convolution.outputs])
            }
        }
        weights = WeightStore(
            source: source, epsilon: network.epsilon,
            mostCachedBytes: mostCachedWeightBytes ?? WeightStore.usualCachedBytes)
    }

    /// Loads a model file: safetensors with this project's metadata.
    ///
    /// - Throws: `ModelError`; for a wrong shape it names the tensor and both shapes.
    public convenience init(contentsOf path: String) throws {
        try self.init(file: SafetensorsFile(path: path))
    }

    /// The model that is built into the binary.
    ///
    /// - Throws: `ModelError`.
    public static func embedded() throws -> VisionModel {
        try VisionModel(file: .embedded())
    }

    private convenience init(file: SafetensorsFile) throws {
        let header = try ModelHeader(file.metadata, file: file.name)
        try self.init(
            name: header.name, network: header.network, width: header.width, metadata: file.metadata, weights: file)
    }
}
