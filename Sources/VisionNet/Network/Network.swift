/// A published network: its operations, and what is needed to run it and to import its weights. Each network is
/// described in one file of the folder `Networks` and registered in `all`.
public struct Network: Sendable {
    /// `inception_v3`; the value of `network` in a model file.
    public let name: String
    /// Added to a variance before BatchNorm divides by its square root.
    public let epsilon: Float
    /// The smallest side of an input that leaves every layer at least one pixel.
    public let smallestSide: Int
    /// The operations from the picture on.
    let body: [Operation]
    /// The operations after `body`, whose channels `Width.tailFactor` scales.
    let tail: [Operation]
    /// For some layers, the names of all channels, in order. They hold for any weights.
    public let channelNames: [String: [String]]
    /// The best known recipe for the published weights, as `name=value` pairs joined by `&`. It overrides the plain
    /// recipe; empty if that is the best.
    public let recommendedRecipe: String
    /// Gives the names that PyTorch's published state dictionary has for a convolution's tensors; nil if there is none.
    public let pyTorchNames: (@Sendable (Convolution) -> PyTorchNames)?
    /// Prefixes of PyTorch's tensors that are not needed, such as a classifier's.
    public let unusedPyTorchTensors: [String]

    /// Every network, in the order in which messages name them.
    public static let all: [Network] = [.inceptionV3, .efficientNetLite0, .mobileNetV2, .vgg16, .vgg19]

    /// The network of this name.
    ///
    /// - Throws: `ModelError.unsupportedNetwork`.
    public static func named(_ name: String) throws -> Network {
        guard let network = all.first(where: { $0.name == name }) else {
            throw ModelError.unsupportedNetwork(name, supported: all.map(\.name))
        }
        return network
    }

    init(
        name: String, epsilon: Float, smallestSide: Int, body: [Operation], tail: [Operation] = [],
        channelNames: [String: [String]] = [:], recommendedRecipe: String = "",
        pyTorchNames: (@Sendable (Convolution) -> PyTorchNames)? = nil,
        unusedPyTorchTensors: [String] = []
    ) {
        self.name = name
        self.epsilon = epsilon
        self.smallestSide = smallestSide
        self.body = body
        self.tail = tail
        self.channelNames = channelNames
        self.recommendedRecipe = recommendedRecipe
        self.pyTorchNames = pyTorchNames
        self.unusedPyTorchTensors = unusedPyTorchTensors
    }

    /// Its tensors and nodes at a width.
    public func graph(width: Width = .full) -> Graph {
        Graph([(body, width), (tail, width.ofTail)], inputChannels: 3)
    }
}
