import VisionNet

/// The terms of an objective as people write them: `mixed4:0.5,mixed5[17]`.
extension LayerWeight {
    /// The most terms in a recipe: more than anyone needs, but few enough to accept from strangers.
    static let mostTerms = 32

    /// - Returns: nil if a term is not `LAYER` or `LAYER[CHANNEL]`, with an optional `@XxY`, an optional `:l2` or
    ///   `:guide`, and an optional `:WEIGHT`.
    static func list(in text: String) -> [LayerWeight]? {
        let parts = text.split(separator: ",", maxSplits: mostTerms, omittingEmptySubsequences: false)
        let terms = parts.compactMap { LayerWeight(text: $0) }
        return terms.count == parts.count ? terms : nil
    }

    static func text(of terms: [LayerWeight]) -> String {
        terms.map { $0.weight == 1 ? $0.name : "\($0.name):\(Text.of(number: $0.weight))" }.joined(separator: ",")
    }

    /// Whether the terms make an objective: one to ``mostTerms`` different layers or channels, with allowed weights.
    static func isAllowed(_ terms: [LayerWeight]) -> Bool {
        (1...mostTerms).contains(terms.count) && Set(terms.map(\.name)).count == terms.count
            && terms.allSatisfy { $0.isSpelledCorrectly && $0.weight != 0 && abs($0.weight) <= 1e6 }
    }

    private init?(text: Substring) {
        var pieces = text.split(separator: ":", omittingEmptySubsequences: false)
        let measure = pieces.count > 1 ? GradientPlan.Term.Measure(text: pieces[1]) : nil
        if measure != nil { pieces.remove(at: 1) }
        guard pieces.count <= 2, let weight = pieces.count == 1 ? 1 : Text.number(in: String(pieces[1])) else {
            return nil
        }
        let places = pieces[0].split(separator: "@", omittingEmptySubsequences: false)
        let position = places.count == 2 ? GradientPlan.Term.Position(text: places[1]) : nil
        guard places.count == (position == nil ? 1 : 2) else { return nil }
        let parts = places[0].split(separator: "[", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else {
            self.init(String(places[0]), position: position, measure: measure ?? .mean, weight: weight)
            return
        }
        guard parts[1].last == "]" else { return nil }
        let channels = parts[1].dropLast().split(separator: "+", omittingEmptySubsequences: false).map(String.init)
        // Numbers without leading zeros, so that each channel has one spelling.
        let spelled = channels.map { channel in
            (channel.utf8.allSatisfy(Self.isDigit) ? Int(channel).map(String.init) : nil) ?? channel
        }
        self.init(
            String(parts[0]), channel: spelled.joined(separator: "+"), position: position, measure: measure ?? .mean,
            weight: weight)
    }

    /// Whether the names contain no character that separates terms, so that the text can be read back.
    private var isSpelledCorrectly: Bool {
        func isName(_ text: String, without separators: String) -> Bool {
            !text.isEmpty && !text.utf8.contains { separators.utf8.contains($0) }
        }
        let channels = channel?.split(separator: "+", omittingEmptySubsequences: false).map(String.init) ?? []
        return isName(layer, without: ",:[]@") && channels.allSatisfy { isName($0, without: ",:[]@") }
            && (position.map { (0...1).contains($0.x) && (0...1).contains($0.y) } ?? true)
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}

extension GradientPlan.Term.Measure {
    /// As people write it.
    var text: String {
        switch self {
        case .mean: "mean"
        case .meanOfSquares: "l2"
        case .guide: "guide"
        }
    }

    init?(text: Substring) {
        guard let measure = Self.allCases.first(where: { $0.text == text }) else { return nil }
        self = measure
    }
}

extension GradientPlan.Term.Position {
    /// - Returns: nil if the text is not `XxY` with numbers.
    init?(text: Substring) {
        let sides = text.split(separator: "x", omittingEmptySubsequences: false)
        guard sides.count == 2, let x = Text.number(in: String(sides[0])), let y = Text.number(in: String(sides[1]))
        else { return nil }
        self.init(x: x, y: y)
    }
}
