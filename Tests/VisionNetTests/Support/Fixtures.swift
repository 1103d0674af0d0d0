import Foundation
import TestSupport
import Testing
import VisionNet

/// The files beside the tests.
enum Fixtures {
    static func url(_ name: String) throws -> URL {
        try #require(Bundle.module.resourceURL).appending(path: "Fixtures/\(name)")
    }

    static func json<Value: Decodable>(_ name: String, as type: Value.Type) throws -> Value {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(type, from: Data(contentsOf: url(name)))
    }

    static func tensors(_ name: String) throws -> SafetensorsFile {
        try SafetensorsFile(path: url(name).path)
    }

    /// The published width with generated weights, as TensorFlow saw it.
    static func fullWidthModel() throws -> VisionModel {
        try VisionModel(name: "generated", width: .full, weights: fullWidthWeights())
    }

    static func fullWidthWeights() throws -> GeneratedWeights {
        GeneratedWeights(statistics: try tensors("inception_v3_calibration.safetensors"))
    }
}
