import DreamService
import Foundation
import Imaging
import TestSupport
import Testing

/// The examples of `docs/api.md` work.
@Suite(.ownThread) struct DocumentedExamplesTests {
    /// The examples of one language, in order.
    private static func examples(in language: String) throws -> [String] {
        let root = URL(fileURLWithPath: #filePath).appending(path: "../../..").standardized
        let text = try String(contentsOf: root.appending(path: "docs/api.md"), encoding: .utf8)
        return text.components(separatedBy: "\n```\(language)\n").dropFirst().map {
            $0.components(separatedBy: "\n```")[0] + "\n"
        }
    }

    /// Runs each example beside a `photo.jpg`; it must leave a dream, or what the network sees in the photo.
    private func run(_ language: String, as file: String, count: Int) async throws {
        let examples = try Self.examples(in: language)
        #expect(examples.count == count)
        let command = try await ClientPrograms.command(for: language)
        try await TestService.run(configure: { $0.defaultSize = .longerSide(80) }) { service in
            for example in examples {
                #expect(example.contains("http://localhost:5000"))
                try await TestFiles.withDirectory { directory in
                    try Data(TestFiles.photo()).write(to: directory.appending(path: "photo.jpg"))
                    try Data(example.replacing("http://localhost:5000", with: service.url).utf8)
                        .write(to: directory.appending(path: file))
                    let run = ["bash", "-c", "cd \"$0\" && exec \"$@\"", directory.path] + command + [file]
                    let result = try await Subprocess.run(run)
                    #expect(result.status == 0, "\(example)\(result.errors)")
                    let files = try FileManager.default.contentsOfDirectory(atPath: directory.path)
                    if example.contains("/activations") {
                        #expect(Set(files).isSuperset(of: ["seen.json", "seen.png"]))
                        return
                    }
                    let dream = try #require(files.first { ["dream.jpg", "dream.png"].contains($0) }, "\(example)")
                    let picture = try ImageDecoder().decode([UInt8](Data(contentsOf: directory.appending(path: dream))))
                    #expect(max(picture.width, picture.height) == 80)
                }
            }
        }
    }

    @Test("curl")
    func curl() async throws { try await run("sh", as: "example.sh", count: 7) }

    @Test("Python")
    func python() async throws { try await run("python", as: "example.py", count: 2) }

    @Test("JavaScript", .enabled(if: ClientPrograms.areTested("node"), "Node is missing"))
    func javascript() async throws { try await run("javascript", as: "example.mjs", count: 2) }

    @Test("Java", .enabled(if: ClientPrograms.areTested("java", "javac"), "Java is missing"))
    func java() async throws { try await run("java", as: "Dream.java", count: 2) }

    @Test("Go", .enabled(if: ClientPrograms.areTested("go"), "Go is missing"))
    func go() async throws { try await run("go", as: "example.go", count: 2) }
}
