import Imaging

/// What the body of an answer is.
enum AnswerType: Equatable {
    case picture(ImageFormat)
    /// The picture as a data URL, beside its recipe.
    case json

    /// What there is, the most usual first.
    static let offers: [AnswerType] = ImageFormat.writable.map { .picture($0) } + [.json]

    /// Chosen only if the client accepts none of the others: browsers name them with every request, but they cannot
    /// hold the recipe.
    private static let rare: [AnswerType] = [.picture(.webp), .picture(.avif)]

    var mediaType: String {
        switch self {
        case .picture(let format): format.mediaType
        case .json: "application/json"
        }
    }

    /// The type that a client wants most (RFC 9110, section 12.5.1); of several, the first of `offers`.
    ///
    /// - Parameters:
    ///   - accept: the values of the `Accept` header fields; without any, everything is acceptable.
    ///   - format: the picture's format if the request names one.
    ///   - offers: what there is, the most usual first.
    /// - Throws: a `Problem` if the client accepts none.
    static func wanted(
        accept: [String], format: ImageFormat?, of offers: [AnswerType] = Self.offers
    ) throws(Problem) -> AnswerType {
        let ranges = accept.flatMap { $0.split(separator: ",") }.compactMap { MediaRange($0) }
        let offers = offers.filter { offer in
            guard let format, case .picture(let offered) = offer else { return true }
            return offered == format
        }
        guard !ranges.isEmpty else { return offers[0] }
        let usual = format == nil ? offers.filter { !rare.contains($0) } : offers
        guard let best = best(of: usual, ranges) ?? best(of: offers, ranges) else {
            throw .notAcceptable(accept.joined(separator: ", "), offers: offers.map(\.mediaType))
        }
        return best
    }

    /// The offer that the ranges want most; nil if they want none.
    private static func best(of offers: [AnswerType], _ ranges: [MediaRange]) -> AnswerType? {
        var best: (offer: AnswerType, quality: Double)?
        for offer in offers {
            let matching = ranges.filter { $0.matches(offer.mediaType) }
            let quality = matching.max { $0.precision < $1.precision }?.quality ?? 0
            if quality > best?.quality ?? 0 { best = (offer, quality) }
        }
        return best?.offer
    }
}

/// One element of an `Accept` header: `image/*;q=0.5`.
private struct MediaRange {
    private let type: Substring
    private let subtype: Substring
    let quality: Double

    init?(_ text: Substring) {
        let parts = text.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" }.lowercased() }
        guard let names = parts.first?.split(separator: "/"), names.count == 2 else { return nil }
        (type, subtype) = (names[0], names[1])
        let weight = parts.dropFirst().first { $0.hasPrefix("q=") }
        quality = weight.map { Double($0.dropFirst(2)) ?? 0 } ?? 1
    }

    /// The more, the more exactly it names a type.
    var precision: Int { (type == "*" ? 0 : 1) + (subtype == "*" ? 0 : 1) }

    func matches(_ mediaType: String) -> Bool {
        let names = mediaType.split(separator: "/")
        return (type == "*" || type == names[0]) && (subtype == "*" || subtype == names[1])
    }
}
