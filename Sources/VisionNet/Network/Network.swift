/// A network as it was published, with what a program has to know to run it. Each is described in one file of `Networks`
/// and registered once, in `all`.
public struct Network: Sendable {
    /// `inception_v3`; the value of `network` in a model file.
    public let name: String
    /// What is added to a variance before BatchNorm divides by its root.
    public let epsilon: Float
    /// The smallest side of an input that leaves every layer at least one pixel.
    public let smallestSide: Int
    /// The operations from the picture on, and behind them those whose channels `Width.tailFactor` scales.
    let body: [Operation]
    let tail: [Operation]
    /// The names of channels of some layers, in the channels' order, where they have names for any weights.
    public let channelNames: [String: [String]]
    /// The recipe that dreams best with the published weights, as `name=value` pairs joined by `&`; empty where the usual
    /// one does.
    public let recommendedRecipe: String
    /// The names of a convolution's tensors in the state dictionary that PyTorch users publish; nil where there is none.
    public let pyTorchNames: (@Sendable (Convolution) -> PyTorchNames)?

    /// What the names of PyTorch's tensors begin with that a dream has no use for.
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

/// Where PyTorch keeps the tensors of a convolution: `convolution.weight`, `normalization.running_mean` …
public struct PyTorchNames: Sendable {
    public let convolution: String
    /// The BatchNorm behind it; nil where the convolution has a bias.
    public let normalization: String?

    public init(convolution: String, normalization: String?) {
        self.convolution = convolution
        self.normalization = normalization
    }
}
