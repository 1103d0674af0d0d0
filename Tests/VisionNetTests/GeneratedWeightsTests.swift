import Foundation
import TestSupport
import Testing
import VisionNet

@Suite("The generator of the references' weights")
struct GeneratedWeightsTests {
    /// The part of `inception_v3_reference.json` that says what the generator must give.
    struct Reference: Decodable {
        struct Ends: Decodable {
            let shape: [Int]
            let first: [Float]
            let last: [Float]
        }

        struct Picture: Decodable {
            let first: [UInt8]
            let last: [UInt8]
            let sum: Int
        }

        struct Generator: Decodable {
            let fnv1a64: [String: String]
            let tensors: [String: Ends]
            let formulaPicture: Picture

            enum CodingKeys: String, CodingKey {
                case fnv1a64, tensors
                case formulaPicture = "formula_picture_131x160"
            }
        }

        let generator: Generator
    }

    let reference: Reference.Generator

    init() throws {
        let url = Bundle.module.bundleURL.appending(path: "Fixtures/inception_v3_reference.json")
        reference = try JSONDecoder().decode(Reference.self, from: Data(contentsOf: url)).generator
    }

    @Test("hashes names as Python does")
    func hash() {
        #expect(!reference.fnv1a64.isEmpty)
        for (name, hash) in reference.fnv1a64 {
            #expect(String(GeneratedWeights.fnv1a64(name)) == hash, "FNV-1a of '\(name)'")
        }
    }

    @Test("gives Python's kernels and betas, bit for bit")
    func tensors() throws {
        let path = Bundle.module.bundleURL.appending(path: "Fixtures/inception_v3_calibration.safetensors").path
        let weights = GeneratedWeights(statistics: try SafetensorsFile(path: path))
        #expect(!reference.tensors.isEmpty)
        for (name, expected) in reference.tensors {
            let values = try weights.tensor(named: name, shape: expected.shape)
            #expect(values.count == expected.shape.reduce(1, *))
            #expect(Array(values.prefix(expected.first.count)) == expected.first, "first values of \(name)")
            #expect(Array(values.suffix(expected.last.count)) == expected.last, "last values of \(name)")
        }
    }

    @Test("gives Python's formula picture")
    func picture() {
        let pixels = GeneratedWeights.formulaPicture(height: 131, width: 160)
        #expect(Array(pixels.prefix(8)) == reference.formulaPicture.first)
        #expect(Array(pixels.suffix(8)) == reference.formulaPicture.last)
        #expect(pixels.reduce(0) { $0 + Int($1) } == reference.formulaPicture.sum)
    }

    @Test("has statistics for every convolution of the full-width network")
    func statistics() throws {
        let path = Bundle.module.bundleURL.appending(path: "Fixtures/inception_v3_calibration.safetensors").path
        let weights = GeneratedWeights(statistics: try SafetensorsFile(path: path))
        for convolution in Network.inceptionV3.graph().convolutions {
            for name in ["kernel", "beta", "moving_mean", "moving_variance"] {
                let shape = name == "kernel" ? convolution.kernelShape : [convolution.outputs]
                try weights.check("\(convolution.name).\(name)", shape: shape)
            }
        }
    }
}
