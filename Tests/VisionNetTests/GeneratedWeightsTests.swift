import Foundation
import Testing

@Suite("The generator of the references' weights")
struct GeneratedWeightsTests {
    struct Reference: Decodable {
        struct Generator: Decodable {
            struct Values: Decodable {
                let shape: [Int]
                let indices: [Int]
                let values: [Float]
            }

            let fnv1a64: [String: String]
            let values: [String: Values]
            let picture: [String: [Int]]
        }

        let generator: Generator
    }

    static let generator: Reference.Generator = {
        get throws {
            let url = try #require(Bundle.module.url(
                forResource: "inception_v3_reference", withExtension: "json", subdirectory: "Fixtures"))
            return try JSONDecoder().decode(Reference.self, from: Data(contentsOf: url)).generator
        }
    }()
}
