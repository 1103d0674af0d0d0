import DeepDream
import Foundation
import Imaging
import TestSupport
import Testing

@Suite(.ownThread) struct EvolveCommandTests {
    private func evolve(_ photo: URL, _ options: String...) async throws -> Subprocess.Result {
        let usual = ["--model", "embedded", "--count", "3", "--side", "80", "--threads", "1"]
        return try await Subprocess.run([Programs.deepdream, "evolve", photo.path] + usual + options)
    }

    private func withPhoto(_ body: (_ photo: URL, _ directory: URL) async throws -> Void) async throws {
        try await TestFiles.withDirectory { directory in
            let photo = directory.appending(path: "cat.jpg")
            try Data(TestFiles.photo()).write(to: photo)
            try await body(photo, directory.appending(path: "cat-evolve"))
        }
    }

    private func names(_ directory: URL) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
    }

    private func bytes(_ file: URL) throws -> [UInt8] { [UInt8](try Data(contentsOf: file)) }

    @Test("variants are dreamt and shown, and picks are kept in the next generation")
    func generations() async throws {
        try await withPhoto { photo, directory in
            let first = try await evolve(photo)
            #expect(first.status == 0, "\(first.errors)")
            let generation = directory.appending(path: "generation-1")
            #expect(first.text.contains("cat-evolve/generation-1/sheet.jpg"))
            #expect(try names(generation) == ["1.jpg", "2.jpg", "3.jpg", "recipes.txt", "sheet.jpg"])
            let recipes = try (1...3).map { number in
                try #require(DreamRecord(of: bytes(generation.appending(path: "\(number).jpg")))).recipe
            }
            #expect(Set(recipes).count == 3)
            let second = try await evolve(photo, "--pick", "3,2")
            #expect(second.status == 0, "\(second.errors)")
            let next = directory.appending(path: "generation-2")
            for (number, parent) in [(1, 2), (2, 3)] {
                #expect(
                    try bytes(next.appending(path: "\(number).jpg"))
                        == bytes(generation.appending(path: "\(parent).jpg")))
            }
            let wrong = try await evolve(photo, "--pick", "4")
            #expect(wrong.status != 0 && wrong.errors.contains("variants 1 to 3"), "\(wrong.errors)")
        }
    }

    @Test("an interrupted generation is finished by the same call, with the same pictures")
    func resuming() async throws {
        try await withPhoto { photo, directory in
            let first = try await evolve(photo)
            #expect(first.status == 0, "\(first.errors)")
            #expect(try await evolve(photo, "--pick", "1", "--seed", "4").status == 0)
            let generation = directory.appending(path: "generation-2")
            let picture = try bytes(generation.appending(path: "3.jpg"))
            for name in ["3.jpg", "sheet.jpg"] {
                try FileManager.default.removeItem(at: generation.appending(path: name))
            }
            let other = try await evolve(photo, "--pick", "2")
            #expect(other.status != 0 && other.errors.contains("not finished"), "\(other.errors)")
            let again = try await evolve(photo, "--pick", "1", "--seed", "4")
            #expect(again.status == 0, "\(again.errors)")
            #expect(try bytes(generation.appending(path: "3.jpg")) == picture)
            #expect(try names(directory) == ["generation-1", "generation-2"])
            // The same picks and seed, elsewhere, give the same pictures.
            let elsewhere = directory.deletingLastPathComponent().appending(path: "other")
            #expect(try await evolve(photo, "--dir", elsewhere.path).status == 0)
            #expect(try await evolve(photo, "--dir", elsewhere.path, "--pick", "1", "--seed", "4").status == 0)
            #expect(try bytes(elsewhere.appending(path: "generation-2/3.jpg")) == picture)
        }
    }

    @Test(
        "what is not allowed is an error",
        arguments: [
            (["--pick", "1,1"], "different numbers"), (["--pick", "0"], "different numbers"),
            (["--pick", "1"], "without --pick first"), (["--count", "1"], "from 2 to 25"),
            (["--side", "9"], "from 64 to 1024"),
        ])
    func refusals(options: [String], message: String) async throws {
        try await withPhoto { photo, _ in
            let result = try await Subprocess.run(
                [Programs.deepdream, "evolve", photo.path, "--model", "embedded"] + options)
            #expect(result.status != 0)
            #expect(result.errors.contains(message), "\(result.errors)")
        }
    }
}
