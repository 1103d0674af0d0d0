import Foundation
import TestSupport
import Testing

@Suite(.ownThread) struct ModelCommandTests {
    @Test("model list and inspect show the embedded model")
    func embeddedModel() async throws {
        let list = try await Subprocess.run([Programs.deepdream, "model", "list"])
        #expect(list.status == 0)
        #expect(list.text.contains("built in"))
        let inspection = try await Subprocess.run([Programs.deepdream, "model", "inspect", "embedded"])
        #expect(inspection.status == 0, "\(inspection.errors)")
        #expect(inspection.text.contains("licence: ") && inspection.text.contains("the checksum is correct"))
    }

    @Test("import of a file that is not a model is an error that names the file")
    func importError() async throws {
        try await TestFiles.withDirectory { directory in
            let file = directory.appending(path: "a.h5")
            try Data("hello".utf8).write(to: file)
            let output = directory.appending(path: "a.safetensors").path
            let result = try await Subprocess.run([Programs.deepdream, "model", "import", file.path, "-o", output])
            #expect(result.status == 1)
            #expect(result.errors.contains(file.path), "\(result.errors)")
            #expect(!FileManager.default.fileExists(atPath: output))
        }
    }

    @Test("import of a file that crashes libhdf5 is an error, and leaves no file")
    func importCrash() async throws {
        try await TestFiles.withDirectory { directory in
            let whole = URL(filePath: #filePath).deletingLastPathComponent()
                .appending(path: "../ModelLibraryTests/Fixtures/legacy.h5")
            var damaged = try Data(contentsOf: whole)
            // This byte is in the header of the first group. libhdf5 1.10.8 reads from a wild address then.
            damaged[917] ^= 0xFF
            let file = directory.appending(path: "a.h5")
            try damaged.write(to: file)
            let output = directory.appending(path: "a.safetensors").path
            let result = try await Subprocess.run([Programs.deepdream, "model", "import", file.path, "-o", output])
            #expect(result.status == 1)
            #expect(result.errors.contains("damaged"), "\(result.errors)")
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["a.h5"])
        }
    }
}
