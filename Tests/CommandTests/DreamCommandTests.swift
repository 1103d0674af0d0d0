import DeepDream
import Foundation
import Imaging
import TestSupport
import Testing

@Suite(.ownThread) struct DreamCommandTests {
    private func dream(_ arguments: String..., input: [UInt8] = []) async throws -> Subprocess.Result {
        try await Subprocess.run([Programs.deepdream, "dream"] + arguments, input: input)
    }

    /// Creates a directory with `photo.jpg`, and removes it when `body` has ended.
    private func withPhoto(_ body: (_ photo: String, _ directory: URL) async throws -> Void) async throws {
        try await TestFiles.withDirectory { directory in
            let photo = directory.appending(path: "photo.jpg")
            try Data(TestFiles.photo()).write(to: photo)
            try await body(photo.path, directory)
        }
    }

    private func names(in directory: URL) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
    }

    @Test(
        "the dream's format is that of its file name, and the recipe is printed",
        arguments: [("dream.jpg", ImageFormat.jpeg), ("dream.PNG", .png), ("dream.jpeg", .jpeg)])
    func files(name: String, format: ImageFormat) async throws {
        try await withPhoto { photo, directory in
            let output = directory.appending(path: name)
            let result = try await dream(photo, output.path, "--steps", "1", "--octaves", "2", "--seed", "5")
            #expect(result.status == 0, "\(result.errors)")
            #expect(result.output.isEmpty)
            let bytes = try [UInt8](Data(contentsOf: output))
            let info = try ImageDecoder().inspect(bytes)
            #expect(info == ImageInfo(format: format, width: 100, height: 80))
            #expect(result.errors.contains("steps=1&step_size=") && result.errors.contains("octaves=2&"))
            #expect(result.errors.contains("seed=5&precision=full&quality=90&format=\(format.rawValue)"))
            #expect(try names(in: directory) == [name, "photo.jpg"].sorted())
        }
    }

    @Test("says how many octaves were skipped, as they are too small for the network")
    func skippedOctaves() async throws {
        try await withPhoto { photo, directory in
            let output = directory.appending(path: "dream.jpg").path
            func octaves(_ count: String) async throws -> Subprocess.Result {
                try await dream(
                    photo, output, "--model", "embedded", "--steps", "1", "--octave-scale", "1.2", "--size", "100x80",
                    "--octaves", count)
            }
            // Longer sides of 100, 83, 69, 58 and 48; the network takes 75.
            let many = try await octaves("5")
            #expect(many.status == 0 && many.errors.contains("3 octaves were skipped"), "\(many.errors)")
            let few = try await octaves("2")
            #expect(few.status == 0 && !few.errors.contains("skipped"), "\(few.errors)")
        }
    }

    @Test("- is standard input and output")
    func streams() async throws {
        let result = try await dream("-", "-", "--steps", "0", "--format", "png", "--quiet", input: TestFiles.photo())
        #expect(result.status == 0)
        #expect(try ImageDecoder().inspect(result.output).format == .png)
        #expect(result.errors.isEmpty)
    }

    @Test("the same recipe gives the same bytes, and a preset sets several fields")
    func repetition() async throws {
        try await withPhoto { photo, _ in
            let first = try await dream(photo, "-", "--preset", "classic", "--steps", "2", "--threads", "2")
            let second = try await dream(photo, "-", "--preset", "classic", "--steps", "2", "--threads", "2")
            #expect(first.status == 0, "\(first.errors)")
            #expect(first.output == second.output)
            #expect(try ImageDecoder().inspect(first.output).width == 225)
        }
    }

    @Test(
        "a wrong option is a usage error that says what is wrong",
        arguments: [
            (["--steps", "many"], "steps cannot be 'many'; allowed: a whole number from 0 to 2000"),
            (["--size", "0x1"], "size cannot be '0x1'"), (["--preset", "old"], "preset cannot be 'old'"),
            (["--threads", "0"], "--threads cannot be 0"),
            (
                ["--backend", "cuda"],
                "flag --backend: backend cannot be 'cuda'; allowed: one of auto, openblas, native"
            ),
            (["--colour", "red"], "Unknown option '--colour'"),
        ])
    func wrongOptions(arguments: [String], message: String) async throws {
        let result = try await Subprocess.run([Programs.deepdream, "dream", "a.jpg", "b.jpg"] + arguments)
        #expect(result.status == 64)
        #expect(result.errors.contains(message), "\(result.errors)")
    }

    @Test("an output with an unknown extension needs a format")
    func extensions() async throws {
        let result = try await dream("a.jpg", "b.gif")
        #expect(result.status == 64)
        #expect(result.errors.contains("'b.gif' does not end with .jpg, .jpeg, .png, .webp or .avif"))
    }

    @Test("a file that cannot be read, decoded or written is an error, and leaves no file")
    func failures() async throws {
        try await withPhoto { photo, directory in
            let missing = try await dream("\(photo).x", "\(directory.path)/a.jpg")
            #expect(missing.status == 1)
            #expect(missing.errors.contains("cannot read \(photo).x: No such file or directory"))
            let noPhoto = try await dream("-", "\(directory.path)/a.jpg", input: Array("hello".utf8))
            #expect(noPhoto.status == 1)
            #expect(noPhoto.errors.contains("not a picture"))
            let noDirectory = try await dream(photo, "\(directory.path)/none/a.jpg", "--steps", "0")
            #expect(noDirectory.status == 1)
            #expect(noDirectory.errors.contains("cannot write"))
            let noLayer = try await dream(photo, "\(directory.path)/a.jpg", "--layers", "mixed99")
            #expect(noLayer.status == 1)
            #expect(noLayer.errors.contains("layers cannot be 'mixed99'"))
            #expect(try names(in: directory) == ["photo.jpg"])
        }
    }

    @Test("Ctrl-C ends a dream with 130 and leaves no file")
    func interrupt() async throws {
        try await withPhoto { photo, directory in
            // Wait for the progress bar, which is only shown on a terminal: it shows that the dream has begun.
            let command = try Subprocess(
                [Programs.deepdream, "dream", photo, "\(directory.path)/a.jpg", "--steps", "2000", "--octaves", "12"],
                hasTerminal: true)
            _ = try #require(try await command.errorLines.first { $0.contains("step ") })
            command.send(SIGINT)
            let result = await command.wait()
            // The command itself exits, after cleaning up; the signal does not end it.
            #expect(!result.wasKilled)
            #expect(result.status == 128 + SIGINT)
            #expect(try names(in: directory) == ["photo.jpg"])
        }
    }

    @Test("a device is written to, not replaced")
    func device() async throws {
        try await withPhoto { photo, _ in
            let result = try await dream(photo, "/dev/null", "--steps", "0", "--format", "jpeg")
            #expect(result.status == 0, "\(result.errors)")
            #expect(
                try FileManager.default.attributesOfItem(atPath: "/dev/null")[.type] as? FileAttributeType
                    == .typeCharacterSpecial)
        }
    }

    @Test("every field of a recipe can be given as an option", arguments: Recipe.fieldNames)
    func options(name: String) async throws {
        let option = "--" + name.replacingOccurrences(of: "_", with: "-")
        let result = try await dream("a.jpg", "b.jpg", option, "?!")
        // The error for a model has only its name, that for any other field has the field's name, too.
        let message = name == "model" ? "'?!'" : "\(name) cannot be '?!'"
        #expect(result.errors.contains(message), "\(result.errors)")
    }

    @Test("the help has every field of a recipe")
    func help() async throws {
        let result = try await dream("--help")
        #expect(result.status == 0)
        for name in Recipe.fieldNames {
            let option = "--" + name.replacingOccurrences(of: "_", with: "-")
            #expect(result.text.contains(option + " <"), "\(name) has no option")
        }
    }

    @Test("a mask keeps the photo where it is black, and a guide is looked for")
    func pictures() async throws {
        try await withPhoto { photo, directory in
            let black = directory.appending(path: "black.png")
            try Data(Image(width: 2, height: 2, pixels: [UInt8](repeating: 0, count: 12)).encoded(as: .png))
                .write(to: black)
            let options = ["-", "--format", "png", "--steps", "1", "--quiet"]
            func dream(_ more: [String]) async throws -> Subprocess.Result {
                try await Subprocess.run([Programs.deepdream, "dream", photo] + options + more)
            }
            let masked = try await dream(["--mask", black.path])
            #expect(masked.status == 0, "\(masked.errors)")
            let original = try ImageDecoder().decode([UInt8](Data(contentsOf: URL(filePath: photo))))
            #expect(try ImageDecoder().decode(masked.output) == original)
            let unguided = try await dream(["--guide", photo])
            #expect(unguided.status == 1)
            #expect(unguided.errors.contains("no layer with ':guide'"))
        }
    }

    @Test("a dream from noise takes one file; a photo beside it is a usage error")
    func noise() async throws {
        let alone = try await dream("-", "--from", "noise", "--size", "80x64", "--steps", "1", "--format", "png")
        #expect(alone.status == 0, "\(alone.errors)")
        let info = try ImageDecoder().inspect(alone.output)
        #expect((info.width, info.height) == (80, 64))
        let two = try await dream("a.jpg", "b.jpg", "--from", "noise")
        #expect(two.status == 64)
        #expect(two.errors.contains("--from noise takes one file"))
    }

    @Test("the recipe of a dream is printed, and gives the same bytes again", arguments: ["a.jpg", "a.png"])
    func recipes(name: String) async throws {
        try await withPhoto { photo, directory in
            let first = directory.appending(path: name).path
            let again = directory.appending(path: "again-" + name).path
            let made = try await dream(photo, first, "--steps", "1", "--seed", "4")
            #expect(made.status == 0, "\(made.errors)")
            let printed = try await Subprocess.run([Programs.deepdream, "recipe", first])
            #expect(printed.status == 0, "\(printed.errors)")
            // Before it there is a note, because octaves of so small a photo are skipped.
            #expect(printed.text.split(separator: "\n") == made.errors.split(separator: "\n").suffix(1))
            let repeated = try await dream(photo, again, "--recipe", first)
            #expect(repeated.status == 0, "\(repeated.errors)")
            #expect(try Data(contentsOf: URL(filePath: again)) == Data(contentsOf: URL(filePath: first)))
            let none = try await Subprocess.run([Programs.deepdream, "recipe", photo])
            #expect(none.status == 1)
            #expect(none.errors.contains("has no recipe"))
        }
    }

    @Test("many photos become files in a directory; what is there is left out, and failures are summed up")
    func directory() async throws {
        try await withPhoto { photo, directory in
            let broken = directory.appending(path: "broken.jpg")
            try Data("no photo".utf8).write(to: broken)
            let second = directory.appending(path: "second.png")
            try Data(TestFiles.photo(as: .png)).write(to: second)
            let outputs = directory.appending(path: "dreams")
            func all() async throws -> Subprocess.Result {
                try await dream(photo, broken.path, second.path, "--out-dir", outputs.path, "--steps", "1")
            }
            let first = try await all()
            #expect(first.status == 1)
            #expect(first.errors.contains("2 dreamt, 0 were there already, 1 failed"), "\(first.errors)")
            #expect(first.errors.contains("broken.jpg: "))
            #expect(try names(in: outputs) == ["photo.jpg", "second.png"])
            let again = try await all()
            #expect(again.errors.contains("0 dreamt, 2 were there already, 1 failed"), "\(again.errors)")
            let same = try await dream("a/x.jpg", "b/x.jpg", "--out-dir", outputs.path)
            #expect(same.status == 64)
            #expect(same.errors.contains("would both become"))
        }
    }
}
