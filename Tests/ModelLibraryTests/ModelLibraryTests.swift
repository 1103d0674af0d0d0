import Foundation
import ModelLibrary
import Testing
import VisionNet

@Suite("The library of models")
struct ModelLibraryTests {
    let directory: TemporaryDirectory
    let library: ModelLibrary

    init() throws {
        directory = try TemporaryDirectory()
        library = ModelLibrary(directories: [directory.path, directory.path("does/not/exist")])
    }

    private func addModel(_ name: String, to directory: TemporaryDirectory? = nil) throws -> String {
        let path = (directory ?? self.directory).path("\(name).safetensors")
        try KerasImporter.importModel(from: Fixtures.path("official_layout.h5"), to: path, width: Fixtures.width)
        return path
    }

    @Test("the error for a file of another program says how to import it", arguments: ["m.pth", "m.h5"])
    func notImported(name: String) throws {
        #expect(throws: ModelLibraryError.self) { try library.location(ofModelOrFile: name) }
        let path = directory.path(name)
        try Data("weights".utf8).write(to: URL(fileURLWithPath: path))
        let error = #expect(throws: ModelLibraryError.notImported(file: path)) {
            try library.location(ofModelOrFile: path)
        }
        #expect(error?.description.contains("deepdream model import \(path)") == true)
    }

    @Test("has the embedded model under its own name and as 'embedded'")
    func embedded() throws {
        let entries = library.list()
        #expect(entries.map(\.name) == ["inception_v3_rendered"])
        #expect(entries.map(\.location) == [.embedded])
        let summary = try #require(entries.first).summary.get()
        #expect(summary.width == Width(factor: 0.3125, tailFactor: 0.25, minimum: 16))
        #expect(try library.location(ofModel: "inception_v3_rendered") == .embedded)
        #expect(try library.location(ofModel: "embedded") == .embedded)
        #expect(try library.model(named: "embedded").name == "inception_v3_rendered")
    }

    @Test("inspects the embedded model: its checksum is right, its tensors are in the network's order")
    func inspection() throws {
        let inspection = try library.inspect(nameOrFile: "embedded")
        let expected = try #require(inspection.summary.metadata["checksum"])
        #expect(inspection.checksum == .valid(expected))
        #expect(inspection.tensors.count == 94 * 5)
        #expect(inspection.tensors.first?.name == "Conv2d_1a_3x3.beta")
        #expect(inspection.tensors.last?.name == "mixed10.branch_pool.moving_variance")
        #expect(inspection.summary.parameterCount * 2 == inspection.summary.byteCount)
    }

    @Test("finds files by name and loads them by name or path")
    func files() throws {
        let path = try addModel("narrow")
        #expect(library.list().map(\.name) == ["inception_v3_rendered", "narrow"])
        #expect(try library.location(ofModel: "narrow") == .file(path))
        #expect(try library.model(named: "narrow").width == Fixtures.width)
        #expect(try library.model(nameOrFile: "narrow").width == Fixtures.width)
        #expect(try library.model(nameOrFile: path).width == Fixtures.width)
    }

    @Test("prefers earlier directories, and files to the embedded model")
    func precedence() throws {
        let second = try TemporaryDirectory()
        let both = ModelLibrary(directories: [directory.path, second.path])
        let late = try addModel("inception_v3_rendered", to: second)
        #expect(try both.location(ofModel: "inception_v3_rendered") == .file(late))
        let early = try addModel("inception_v3_rendered")
        #expect(try both.location(ofModel: "inception_v3_rendered") == .file(early))
        #expect(both.list().map(\.location) == [.file(early)])
        #expect(try both.location(ofModel: "embedded") == .embedded)
    }

    @Test(
        "never uses a name as a path",
        arguments: [
            "", ".", "..", "../narrow", "a/b", "/etc/passwd", "a\0b", "a b", ".hidden", "-o", "naïve",
            String(repeating: "a", count: 129),
        ])
    func invalidNames(name: String) throws {
        _ = try addModel("narrow")
        let inner = ModelLibrary(directories: [directory.path("sub")])
        try FileManager.default.createDirectory(atPath: directory.path("sub"), withIntermediateDirectories: true)
        #expect(throws: ModelLibraryError.invalidName(name)) { try inner.model(named: name) }
    }

    @Test("names the known models if one is unknown")
    func unknown() throws {
        let error = ModelLibraryError.unknownModel(
            "vgg19", known: ["inception_v3_rendered"], directories: library.directories)
        #expect(throws: error) { try library.model(named: "vgg19") }
        #expect(error.description.contains("inception_v3_rendered"))
    }

    @Test("lists a broken file with what is wrong with it")
    func brokenFile() throws {
        let path = try directory.write("broken.safetensors", Array("nothing".utf8))
        try directory.write("no_model.txt", [])
        let entry = try #require(library.list().first { $0.name == "broken" })
        #expect(library.list().count == 2)
        #expect(entry.location == .file(path))
        #expect(throws: ModelError.self) { try entry.summary.get() }
        #expect(throws: ModelError.self) { try library.model(named: "broken") }
    }

    @Test("notices one changed bit of the weights")
    func changedBit() throws {
        let path = try addModel("narrow")
        var bytes = Data(try Data(contentsOf: URL(filePath: path)))
        bytes[bytes.count - 1] ^= 1
        try directory.write("narrow.safetensors", bytes)
        let inspection = try library.inspect(nameOrFile: "narrow")
        let expected = try #require(inspection.summary.metadata["checksum"])
        guard case .wrong(let found, expected) = inspection.checksum else {
            Issue.record("\(inspection.checksum)")
            return
        }
        #expect(found != expected)
    }

    @Test("searches the directories that the environment names")
    func defaultDirectories() {
        func directories(_ environment: [String: String]) -> [String] {
            ModelLibrary.defaultDirectories { environment[$0] }
        }
        let system = ["/var/lib/deepdream/models", "/usr/share/deepdream/models"]
        #expect(directories([:]) == system)
        #expect(
            directories(["HOME": "/home/ada", "DEEPDREAM_MODELS": "", "XDG_DATA_HOME": ""])
                == ["/home/ada/.local/share/deepdream/models"] + system)
        #expect(
            directories(["HOME": "/home/ada", "DEEPDREAM_MODELS": "/a:/b", "XDG_DATA_HOME": "/data"])
                == ["/a", "/b", "/data/deepdream/models"] + system)
    }
}
