import VisionNet

/// Makes new recipes from others: each field of a child comes from one of its parents, and a few are changed.
///
/// The same parents and the same seed give the same children.
public struct RecipeBreeder {
    private let model: VisionModel
    private var random: SplitMix64

    /// - Parameters:
    ///   - model: what dreams the recipes.
    ///   - seed: decides all choices.
    public init(model: VisionModel, seed: UInt64) {
        self.model = model
        random = SplitMix64(seed: seed)
    }

    /// How many fields of a child are changed.
    private static let changes = 1...3

    /// A child of some recipes.
    ///
    /// - Precondition: there is a parent.
    public mutating func child(of parents: [Recipe]) -> Recipe {
        precondition(!parents.isEmpty)
        // Fields that belong together may contradict each other when they come from different parents.
        for _ in 0..<100 {
            var child = crossed(parents)
            for _ in 0..<random.integer(in: Self.changes) { change(&child) }
            child.seed = UInt64(random.integer(in: 0...999_999))
            if (try? child.validate(for: model)) != nil { return child }
        }
        var child = pick(parents)
        child.seed = UInt64(random.integer(in: 0...999_999))
        return child
    }

    private mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[random.integer(in: 0...elements.count - 1)]
    }

    private mutating func crossed(_ parents: [Recipe]) -> Recipe {
        var child = pick(parents)
        child.layers = pick(parents).layers
        (child.steps, child.stepSize) = { ($0.steps, $0.stepSize) }(pick(parents))
        (child.octaves, child.octaveScale) = { ($0.octaves, $0.octaveScale) }(pick(parents))
        (child.bands, child.laplacian) = { ($0.bands, $0.laplacian) }(pick(parents))
        child.colorDecorrelation = pick(parents).colorDecorrelation
        return child
    }

    private mutating func change(_ child: inout Recipe) {
        switch random.integer(in: 0...7) {
        case 0: child.steps = min(60, max(4, Int((Double(child.steps) * factor()).rounded())))
        case 1: child.stepSize = Self.rounded(min(0.06, max(0.005, child.stepSize * factor())))
        case 2: child.octaves = random.integer(in: 1...6)
        case 3: child.octaveScale = Double(random.integer(in: 120...180)) / 100
        case 4: child.colorDecorrelation = Double(random.integer(in: 0...20)) / 20
        case 5: (child.bands, child.laplacian) = (pick([[0], [0, 1, 4], [1, 4], [0, 2, 8], [2, 8]]), 0)
        case 6: changeLayer(of: &child)
        default: changeChannel(of: &child)
        }
    }

    /// From 1/2 to 2, as often below 1 as above.
    private mutating func factor() -> Double {
        let steps = random.integer(in: -20...20)
        return steps < 0 ? 1 / (1 + Double(-steps) / 20) : 1 + Double(steps) / 20
    }

    /// Puts another layer in the place of one, or beside it.
    private mutating func changeLayer(of child: inout Recipe) {
        let layer = pick(model.layers)
        let term = LayerWeight(layer.name, measure: layer.isRectified ? .mean : .meanOfSquares)
        guard !child.layers.contains(where: { $0.layer == term.layer }) else { return }
        if child.layers.count < 3, random.integer(in: 0...1) == 0 {
            child.layers.append(term)
        } else {
            child.layers[random.integer(in: 0...child.layers.count - 1)] = term
        }
    }

    /// Dreams one channel of a layer, named if the model has names.
    private mutating func changeChannel(of child: inout Recipe) {
        let layer = pick(model.layers)
        let channel = random.integer(in: 0...layer.channels - 1)
        child.layers = [LayerWeight(layer.name, channel: String(channel))]
    }

    /// With three digits, so that recipes stay readable.
    private static func rounded(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }
}
