import DeepDream
import Dispatch
import FoundationEssentials
import HTTPServer

/// `POST /evolutions`: recipes that are bred from others. Nothing is dreamt and nothing is kept: clients dream the
/// recipes that they want, and send back those that they like.
final class EvolutionEndpoints: Sendable {
    private let catalog: ModelCatalog

    /// The largest request, in bytes: many long recipes.
    static let maximumBodyBytes = 1 << 18

    init(catalog: ModelCatalog) {
        self.catalog = catalog
    }

    func breed(_ request: Request, _ exchange: any Exchange) {
        // Not on the HTTP thread: checking recipes takes a while.
        DispatchQueue.global().async { [self] in exchange.respond(response(to: request).identified(by: request.head.id))
        }
    }

    private func response(to request: Request) -> Response {
        do throws(Problem) {
            guard case .file(let bytes) = request.body, BodyType(request.head) == .json else {
                throw Problem(RequestFailure.unsupportedMediaType(request.head.headers["Content-Type"]))
            }
            return .json(try generation(EvolutionRequest(bytes)))
        } catch {
            return error.response(to: request.head.id)
        }
    }

    private func generation(_ request: EvolutionRequest) throws(Problem) -> EvolutionDocument {
        do throws(RecipeError) {
            let pairs = (request.recipes ?? []).map(Recipe.pairs(of:))
            let named = pairs.lazy.flatMap { $0 }.first { $0.name == "model" }?.value
            let entry =
                try (request.model ?? named).map { (name) throws(RecipeError) in try catalog.entry(named: name) }
                ?? catalog.defaultEntry
            var parents: [Recipe] = []
            for fields in pairs {
                var recipe = entry.recommended
                try recipe.apply(fields, presets: catalog.presets)
                guard recipe.model == entry.name else {
                    throw .contradiction(
                        field: "model", value: recipe.model, reason: "all recipes must be of one model, \(entry.name)")
                }
                try recipe.validate(for: entry.model)
                parents.append(recipe)
            }
            if parents.isEmpty { parents = [entry.recommended] }
            let count = request.count ?? EvolutionRequest.usualCount
            let seed = request.seed ?? UInt64(UInt32.random(in: 0 ... .max))
            var breeder = RecipeBreeder(model: entry.model, seed: seed)
            let kept = Array(parents.prefix(count - 1))
            let children = (kept.count..<count).map { _ in breeder.child(of: parents) }
            return EvolutionDocument(model: entry.name, seed: seed, recipes: (kept + children).map(\.canonical))
        } catch {
            throw Problem(error)
        }
    }
}

/// The answer to `POST /evolutions`.
private struct EvolutionDocument: Encodable {
    let model: String
    /// With the same recipes, it gives the same generation again.
    let seed: UInt64
    /// The recipes that were sent, then those that were bred from them.
    let recipes: [String]
}

/// The body of `POST /evolutions`.
struct EvolutionRequest: Decodable {
    /// The recipes to breed from, as text; without any, the one that the model recommends.
    let recipes: [String]?
    /// How many recipes the next generation has, those that were sent among them.
    let count: Int?
    /// Decides what changes.
    let seed: UInt64?
    let model: String?

    static let usualCount = 9
    private static let counts = 2...25
    private static let mostRecipes = 25

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case recipes, count, seed, model
    }

    private struct AnyKey: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    init(from decoder: any Decoder) throws {
        let names = CodingKeys.allCases.map(\.rawValue)
        if let other = try decoder.container(keyedBy: AnyKey.self).allKeys.first(where: {
            !names.contains($0.stringValue)
        }) {
            throw DecodingError.dataCorrupted(
                .init(
                    codingPath: [other], debugDescription: "the object has the members \(names.joined(separator: ", "))"
                ))
        }
        let container = try decoder.container(keyedBy: CodingKeys.self)
        recipes = try container.decodeIfPresent([String].self, forKey: .recipes)
        count = try container.decodeIfPresent(Int.self, forKey: .count)
        seed = try container.decodeIfPresent(UInt64.self, forKey: .seed)
        model = try container.decodeIfPresent(String.self, forKey: .model)
    }

    /// - Throws: a `Problem` that says what is wrong.
    init(_ bytes: [UInt8]) throws(Problem) {
        self = try JSON.document(
            bytes, example: #"{"recipes": ["steps=10&seed=7"], "count": 9, "seed": 1}"#)
        func check(_ field: String, _ value: Int?, _ range: ClosedRange<Int>) throws(Problem) {
            guard let value, !range.contains(value) else { return }
            throw Problem(
                RecipeError.invalidValue(
                    field: field, value: String(value),
                    allowed: "a whole number from \(range.lowerBound) to \(range.upperBound)"))
        }
        try check("count", count, Self.counts)
        if let recipes, recipes.count > Self.mostRecipes {
            throw Problem(
                RecipeError.invalidValue(
                    field: "recipes", value: "\(recipes.count) recipes", allowed: "at most \(Self.mostRecipes) recipes")
            )
        }
    }
}
