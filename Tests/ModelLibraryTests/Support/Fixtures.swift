import Foundation
import VisionNet

/// The files that `Fixtures/make_keras_files.py` made.
enum Fixtures {
    /// The width of the network in them.
    static let width = Width(factor: 0.05)

    /// InceptionV3 in each layout.
    static let networks = [
        "legacy.h5", "keras3.weights.h5", "keras3_without_names.weights.h5", "whole_model.h5", "nested.h5",
        "official_layout.h5",
    ]

    static func path(_ name: String) -> String {
        Bundle.module.bundleURL.appending(path: "Fixtures/\(name)").path
    }

    static func bytes(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(filePath: path(name))))
    }
}
