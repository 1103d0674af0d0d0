/// A published network and what is needed to run it. Each is described in its own file in `Networks` and listed in
/// `all`.
public struct Network: Sendable {
    /// The value of `network` in a model file, such as `inception_v3`.
    public let name: String
    /// Added to the variance before BatchNorm divides by its square root.
    public let epsilon: Float
    /// The smallest side of an input that leaves every layer at least one pixel.
    public let smallestSide: Int
    /// The operations from the picture on; `tail` follows, whose channel counts are scaled by `Width.tailFactor`.
    let body: [Operation]
    let tail: [Operation]
    /// For layers whose channels mean the same with any weights (such as the classes of `logits`): their channels'
    /// names, in order.
    public let channelNames: [String: [String]]
    /// The recipe that dreams best with the published weights, as `name=value` pairs joined by `&`; empty for the
    /// default recipe.
    public let recommendedRecipe: String
    /// The names of a convolution's tensors in the state dictionary that PyTorch users publish; nil if there is none.
    public let pyTorchNames: (@Sendable (Convolution) -> PyTorchNames)?

    /// Prefixes of the names of PyTorch tensors that dreams do not need.
    public let unusedPyTorchTensors: [String]

    /// All networks, in the order in which messages list them.
    public static let all: [Network] = [
        .inceptionV3, .inceptionV3OfTorchvision, .efficientNetLite0, .efficientNetLite1, .efficientNetLite2,
        .mobileNetV2, .googLeNet, .resNet50, .vgg16, .vgg19,
    ]

    /// The network with this name.
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

    /// Its tensors and nodes at a given width.
    public func graph(width: Width = .full) -> Graph {
        Graph([(body, width), (tail, width.ofTail)], inputChannels: 3)
    }
}
