/// A network with its weights: immutable, shared by all workers.
public final class VisionModel: Sendable {
    /// A layer that can be dreamed.
    public struct Layer: Hashable, Sendable {
        public let name: String
        public let channels: Int
        /// What some of them see; nil where the model does not say.
        public let channelNames: ChannelNames?
    }

    /// The smallest side of an input, in pixels.
    public static let minimumSide = 75

    public let name: String
    /// `inception_v3`.
    public let network: String
    public let width: Width
    /// The strings of the file's header: source, licence, checksum, recommended recipe …
    public let metadata: [String: String]
    /// The layers of an objective, from input to output.
    public let layers: [Layer]
    /// The description as published, and as it is computed.
    package let graph: Graph
    package let fusedGraph: Graph
    let weights: WeightStore
    /// Bytes of packed weights that are kept for plans to come.
    package var cachedWeightBytes: Int { weights.cachedBytes }
    /// The smallest side of an input that leaves every layer at least one pixel.
    let smallestSide: Int

    /// A model of InceptionV3's topology with weights from anywhere.
    ///
    /// - Throws: `ModelError` where a tensor is missing or has the wrong shape. Every tensor's shape is checked now;
    ///   the values are read when a plan first needs them.
    public convenience init(
        name: String, width: Width, metadata: [String: String] = [:], weights source: any WeightSource
    ) throws {
        try self.init(
            name: name, graph: InceptionV3.network(width: width), smallestSide: Self.minimumSide, width: width,
            metadata: metadata, weights: source)
    }

    /// A model of any topology, for the tests of its parts.
    package init(
        name: String, graph: Graph, smallestSide: Int, width: Width = .full, metadata: [String: String] = [:],
        weights source: any WeightSource, mostCachedWeightBytes: Int? = nil
    ) throws {
        self.name = name
        network = InceptionV3.name
        self.width = width
        self.metadata = metadata
        self.graph = graph
        self.smallestSide = smallestSide
        fusedGraph = graph.fused()
        layers = try graph.layers.map { [graph] layer in
            let channels = graph.tensors[layer.tensor].channels
            let names = try metadata[ChannelNames.keyPrefix + layer.name].map {
                try ChannelNames($0, of: layer.name, count: channels, file: name)
            }
            return Layer(name: layer.name, channels: channels, channelNames: names)
        }
        for convolution in graph.convolutions {
            try source.check("\(convolution.name).kernel", shape: convolution.kernelShape)
            for vector in ["beta", "moving_mean", "moving_variance"] {
                try source.check("\(convolution.name).\(vector)", shape: [convolution.outputs])
            }
            if source.contains("\(convolution.name).gamma") {
                try source.check("\(convolution.name).gamma", shape: [convolution.outputs])
            }
        }
        weights = WeightStore(
            source: source, epsilon: InceptionV3.epsilon,
            mostCachedBytes: mostCachedWeightBytes ?? WeightStore.usualCachedBytes)
    }

    /// Loads a model file: safetensors with this project's metadata, memory-mapped.
    ///
    /// - Throws: `ModelError`, naming the tensor and both shapes where they differ.
    public convenience init(contentsOf path: String) throws {
        try self.init(file: SafetensorsFile(path: path))
    }

    /// The model that is built into the binary.
    public static func embedded() throws -> VisionModel {
        try VisionModel(file: .embedded())
    }

    private convenience init(file: SafetensorsFile) throws {
        let header = try ModelHeader(file.metadata, file: file.name)
        try self.init(name: header.name, width: header.width, metadata: file.metadata, weights: file)
    }
}
