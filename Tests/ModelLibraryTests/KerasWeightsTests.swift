import Foundation
import ModelLibrary
import TestSupport
import Testing
import VisionNet

@Suite("Weights that Keras wrote")
struct KerasWeightsTests {
    @Test("of every layout are found under this project's names", arguments: Fixtures.networks)
    func everyLayout(file: String) throws {
        let weights = try KerasWeights(contentsOf: Fixtures.path(file), width: Fixtures.width)
        let expected = try SafetensorsFile(path: Fixtures.path("expected.safetensors"))
        #expect(Set(weights.tensors.map(\.name)) == Set(expected.tensors.keys))
        for (name, shape) in weights.tensors {
            let found = try weights.tensor(named: name, shape: shape)
            #expect(found == (try expected.tensor(named: name, shape: shape)), "\(file): \(name)")
        }
    }

    @Test("are in the order of the network's description")
    func order() throws {
        let weights = try KerasWeights(contentsOf: Fixtures.path("legacy.h5"), width: Fixtures.width)
        let names = Network.inceptionV3.graph(width: Fixtures.width).convolutions.flatMap { convolution in
            ["kernel", "beta", "moving_mean", "moving_variance"].map { "\(convolution.name).\($0)" }
        }
        #expect(weights.tensors.map(\.name) == names)
    }

    @Test("make a model that can be dreamed with")
    func model() throws {
        let weights = try KerasWeights(contentsOf: Fixtures.path("official_layout.h5"), width: Fixtures.width)
        let model = try VisionModel(name: "narrow", width: Fixtures.width, weights: weights)
        #expect(model.layers.map(\.name) == (0...10).map { "mixed\($0)" })
    }

    @Test("of another width are refused with the tensor, the shape found and the shape expected")
    func wrongShape() throws {
        let path = Fixtures.path("legacy.h5")
        let error = KerasFileError.wrongShape(
            tensor: "Conv2d_1a_3x3.kernel", dataset: "/conv2d/conv2d/kernel", found: [3, 3, 3, 8],
            expected: [3, 3, 3, 32], file: path)
        #expect(throws: error) { try KerasWeights(contentsOf: path) }
        #expect("\(error)".contains("[3, 3, 3, 8]") && "\(error)".contains("[3, 3, 3, 32]"))
    }

    @Test("of a network that is not InceptionV3 are refused")
    func otherNetwork() throws {
        let other = Fixtures.path("other_network.h5")
        #expect(
            throws: KerasFileError.foreign(file: other, reason: "it has 1 convolutions; InceptionV3 has 94")
        ) { try KerasWeights(contentsOf: other) }
        let stranger = Fixtures.path("no_keras.h5")
        #expect(
            throws: KerasFileError.foreign(
                file: stranger,
                reason: "it has neither the attribute 'layer_names' nor the group 'layers' of Keras weights")
        ) { try KerasWeights(contentsOf: stranger) }
    }

    @Test("are refused in a file that is not HDF5")
    func noHDF5() throws {
        let directory = try TemporaryDirectory()
        let text = try directory.write("text.h5", Array("Not Found".utf8))
        #expect(throws: KerasFileError.damaged(file: text, reason: "it is not an HDF5 file")) {
            try KerasWeights(contentsOf: text)
        }
        let missing = directory.path("missing.h5")
        #expect(throws: KerasFileError.unreadable(file: missing, reason: "No such file or directory")) {
            try KerasWeights(contentsOf: missing)
        }
        #expect(throws: KerasFileError.unreadable(file: directory.path, reason: "it is not a regular file")) {
            try KerasWeights(contentsOf: directory.path)
        }
    }

    @Test("that are not finite, or variances below zero, are refused", arguments: [Float.nan, .infinity, -1])
    func invalidValues(value: Float) throws {
        let name = "mixed10.branch_pool.moving_variance"
        let expected = try SafetensorsFile(path: Fixtures.path("expected.safetensors"))
        let values = try expected.tensor(named: name, shape: [8])
        var bytes = Data(try Fixtures.bytes("legacy.h5"))
        let place = try #require(bytes.range(of: values.withUnsafeBytes { Data($0) }))
        bytes.replaceSubrange(place.prefix(4), with: withUnsafeBytes(of: value) { Data($0) })
        let directory = try TemporaryDirectory()
        let path = try directory.write("broken.h5", bytes)
        let weights = try KerasWeights(contentsOf: path, width: Fixtures.width)
        #expect(throws: KerasFileError.self) { try weights.tensor(named: name, shape: [8]) }
    }

    @Test("cut off anywhere give an error", arguments: ["legacy.h5", "keras3.weights.h5", "official_layout.h5"])
    func truncated(file: String) throws {
        let bytes = try Fixtures.bytes(file)
        let directory = try TemporaryDirectory()
        for part in 0..<50 {
            let path = try directory.write("cut.h5", bytes.prefix(bytes.count * part / 50))
            #expect(throws: KerasFileError.self, "\(file), \(part)/50 of it") {
                try readAll(path)
            }
        }
    }

    /// This project has to notice damaged names and values. Damage to the HDF5 structure itself is left to libhdf5,
    /// which is known to crash on some files; see `HDF5File`.
    @Test(
        "with damaged names give an error or tensors of the right shape",
        arguments: ["legacy.h5", "keras3.weights.h5", "official_layout.h5", "whole_model.h5"])
    func damagedNames(file: String) throws {
        let bytes = try Fixtures.bytes(file)
        let places = Self.letters(in: bytes)
        let directory = try TemporaryDirectory()
        var refused = 0
        for seed in 1...60 as ClosedRange<UInt64> {
            var generator = SplitMix64(seed: seed)
            var damaged = bytes
            for _ in 0..<Int.random(in: 1...20, using: &generator) {
                let place = places[Int.random(in: 0..<places.count, using: &generator)]
                damaged[place] = UInt8.random(in: 0x30...0x7a, using: &generator)
            }
            let path = try directory.write("damaged.h5", damaged)
            do {
                try readAll(path)
            } catch is KerasFileError {
                refused += 1
            }
        }
        #expect(refused > 0, "no damaged name was noticed")
    }

    /// The offsets of the names of Keras's layers and tensors in a file.
    private static func letters(in bytes: [UInt8]) -> [Int] {
        let data = Data(bytes)
        return ["conv2d", "batch_normalization", "kernel", "beta", "moving_", "layer_names", "vars"].flatMap { word in
            var places: [Int] = []
            var rest = data.startIndex..<data.endIndex
            while let found = data.range(of: Data(word.utf8), in: rest) {
                places.append(contentsOf: found)
                rest = found.upperBound..<data.endIndex
            }
            return places
        }
    }

    private func readAll(_ path: String) throws {
        let weights = try KerasWeights(contentsOf: path, width: Fixtures.width)
        for (name, shape) in weights.tensors {
            #expect(try weights.tensor(named: name, shape: shape).count == shape.reduce(1, *))
        }
    }
}
