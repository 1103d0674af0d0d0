import VisionNet

/// What somebody wants to know of what a network sees in a photo.
///
/// The text form of each field — in a form, a query or an option — is defined once, by ``fields``.
public struct SightQuestion: Hashable, Sendable {
    /// By what the channels of a layer are ranked.
    public enum Order: String, CaseIterable, Sendable {
        /// The standard deviation of the activations over the photo: what answers at some places and not at others.
        case contrast
        /// The mean of the activations. Some channels answer to nearly everything.
        case mean
        /// The largest activation anywhere in the photo.
        case maximum
    }

    /// The layer; nil for the first one that the model's recommended recipe dreams.
    public var layer: String?
    /// How many channels to tell of, 1...64.
    public var count = 12
    public var order = Order.contrast
    /// The longer side at which the network looks at the photo, 32...1024 pixels. Smaller photos keep their size.
    public var longerSide = 320

    public init() {}

    /// One field of a question as people write it.
    public struct Field: Sendable {
        public let name: String
        /// One line for help texts.
        public let summary: String
        /// What a value may be, for help texts and errors.
        public let allowed: String
        /// Sets the field from text; false where the text is not allowed.
        let set: @Sendable (inout SightQuestion, String) -> Bool
    }

    private static let counts = 1...64
    private static let sides = 32...1024

    /// Every field, in the order of help texts.
    public static let fields: [Field] = [
        Field(
            name: "layer", summary: "the layer whose channels answer", allowed: "the name of one of the model's layers"
        ) { question, text in
            question.layer = text
            return true
        },
        Field(
            name: "count", summary: "how many channels to tell of",
            allowed: "a whole number from \(counts.lowerBound) to \(counts.upperBound)"
        ) { question, text in
            guard let count = Int(text), counts.contains(count) else { return false }
            question.count = count
            return true
        },
        Field(
            name: "order", summary: "by what the strongest channels are chosen",
            allowed: Text.alternatives(Order.allCases.map(\.rawValue))
        ) { question, text in
            guard let order = Order(rawValue: text) else { return false }
            question.order = order
            return true
        },
        Field(
            name: "size", summary: "the longer side at which the network looks at the photo",
            allowed: "max:LONGER_SIDE, from \(sides.lowerBound) to \(sides.upperBound)"
        ) { question, text in
            guard case .longerSide(let side)? = OutputSize(text: text), sides.contains(side) else { return false }
            question.longerSide = side
            return true
        },
    ]

    /// The names of all fields.
    public static let fieldNames = fields.map(\.name)

    /// Sets the fields that `pairs` names.
    ///
    /// - Throws: `RecipeError` for an unknown or repeated name, or a value that its field does not allow.
    public mutating func apply(_ pairs: [(name: String, value: String)]) throws(RecipeError) {
        var seen: Set<String> = []
        for (name, value) in pairs {
            guard let field = Self.fields.first(where: { $0.name == name }) else {
                throw .unknownField(name: name, allowed: Self.fieldNames)
            }
            guard seen.insert(name).inserted else { throw .repeatedField(name: name) }
            guard field.set(&self, value) else {
                throw .invalidValue(field: name, value: value, allowed: field.allowed)
            }
        }
    }

    /// The layer of a model that the question is about.
    ///
    /// - Throws: `RecipeError.invalidValue` if the model has no layer of this name.
    public func layer(of model: VisionModel) throws(RecipeError) -> VisionModel.Layer {
        let name = layer ?? model.usualLayer
        guard let found = model.layers.first(where: { $0.name == name }) else {
            throw .invalidValue(
                field: "layer", value: name, allowed: model.layers.map(\.name).joined(separator: ", "))
        }
        return found
    }
}

extension VisionModel {
    /// The first layer that the recommended recipe dreams; without such a recipe, the one in the middle.
    fileprivate var usualLayer: String {
        let recommended = (try? Recipe.recommended(for: self))?.layers.first?.layer
        return layers.first { $0.name == recommended }?.name ?? layers[layers.count / 2].name
    }
}
