import Foundation
import ModelLibrary
import Testing
import VisionNet

@Suite("Importing Keras weights")
struct KerasImporterTests {
    let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    @Test("writes a model file with the same weights and a complete header")
    func everything() throws {
        let path = directory.path("mine.safetensors")
        let summary = try KerasImporter.importModel(
            from: Fixtures.path("legacy.h5"), to: path, width: Fixtures.width)
        #expect(summary.name == "mine")
        #expect(summary.width == Fixtures.width)
        #expect(summary.source == "Keras weights, legacy.h5")
        #expect(summary.licence == "unknown")
        #expect(summary.recipe == "layers=mixed3,mixed5&steps=100&step_size=0.01&octaves=1&jitter=0&bands=0")
        #expect(try directory.names() == ["mine.safetensors"])

        let written = try SafetensorsFile(path: path)
        let expected = try SafetensorsFile(path: Fixtures.path("expected.safetensors"))
        #expect(written.tensors.count == expected.tensors.count)
        for (name, tensor) in expected.tensors {
            #expect(
                try written.tensor(named: name, shape: tensor.shape)
                    == expected.tensor(named: name, shape: tensor.shape), "\(name)")
        }
        let inspection = try ModelLibrary(directories: []).inspect(nameOrFile: path)
        #expect(inspection.checksum == .valid(try #require(written.metadata["checksum"])))
    }

    @Test("gives the model another name on request")
    func named() throws {
        let summary = try KerasImporter.importModel(
            from: Fixtures.path("legacy.h5"), to: directory.path("a.safetensors"), name: "b", width: Fixtures.width)
        #expect(summary.name == "b")
    }

    @Test("leaves no file behind if it fails, and does not change an older model")
    func failure() throws {
        let output = try directory.write("old.safetensors", Array("old".utf8))
        #expect(throws: KerasFileError.self) {
            try KerasImporter.importModel(from: Fixtures.path("legacy.h5"), to: output, width: .full)
        }
        #expect(try directory.names() == ["old.safetensors"])
        #expect(try String(contentsOfFile: output, encoding: .utf8) == "old")
    }

    @Test("of another network that the user names is refused")
    func otherNetwork() throws {
        let error = try #require(throws: KerasFileError.self) {
            try ModelImporter.importModel(
                from: Fixtures.path("legacy.h5"), to: directory.path("a.safetensors"), network: .vgg16)
        }
        #expect("\(error)".contains("only inception_v3 is read, not vgg16"))
        #expect(try directory.names() == [])
    }

    @Test("fails with an error if the output cannot be written")
    func unwritable() throws {
        #expect(throws: ModelError.self) {
            try KerasImporter.importModel(
                from: Fixtures.path("legacy.h5"), to: directory.path("missing/a.safetensors"),
                width: Fixtures.width)
        }
    }
}
