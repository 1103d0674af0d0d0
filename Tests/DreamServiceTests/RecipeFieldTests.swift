import DeepDream
import DreamService
import Foundation
import Imaging
import TestSupport
import Testing

/// The field `recipe` of `POST /deepdream`: the recipe of another dream.
@Suite("The field recipe", .ownThread, .timeLimit(.minutes(10))) struct RecipeFieldTests {
    private static let recipe = "layers=mixed2[3]&steps=1&octaves=1&size=max:60&seed=9"

    /// Makes a dream, and calls `body` with its file and recipe.
    private func withDream(
        _ query: String = Self.recipe.replacing("[", with: "%5B").replacing("]", with: "%5D"),
        _ body: (TestService, _ photo: [UInt8], _ dream: Answer, _ file: URL) async throws -> Void
    ) async throws {
        try await TestFiles.withDirectory { directory in
            try await TestService.run { service in
                let photo = try TestFiles.photo()
                let dream = try await service.curl("-F", "image=@-", "/deepdream?\(query)", input: photo)
                #expect(dream.status == 200, "\(dream.text)")
                let file = directory.appending(path: "dream")
                try Data(dream.body).write(to: file)
                try await body(service, photo, dream, file)
            }
        }
    }

    @Test("a dream's file gives the same photo the same bytes, in its format", arguments: ["jpeg", "png"])
    func file(format: String) async throws {
        try await withDream("layers=mixed2%5B3%5D&steps=1&octaves=1&size=max:60&format=\(format)") {
            service, photo, dream, file in
            let again = try await service.curl(
                "-F", "image=@-", "-F", "recipe=@\(file.path)", "/deepdream", input: photo)
            #expect(again.status == 200, "\(again.text)")
            #expect(again.body == dream.body)
            #expect(again.headers["Content-Type"] == "image/\(format)")
        }
    }

    @Test("its text does the same, in a form, in the query, in JSON and as a file of text")
    func text() async throws {
        try await withDream { service, photo, dream, file in
            let text = try #require(dream.headers["DeepDream-Recipe"])
            let form = try await service.curl(
                "-F", "image=@-", "--form-string", "recipe=\(text)", "/deepdream", input: photo)
            #expect(form.body == dream.body, "\(form.text)")
            let escaped = try #require(text.addingPercentEncoding(withAllowedCharacters: .alphanumerics))
            let query = try await service.curl("-F", "image=@-", "/deepdream?recipe=\(escaped)", input: photo)
            #expect(query.body == dream.body, "\(query.text)")
            let object = #"{"image": "\#(Data(photo).base64EncodedString())", "recipe": "\#(text)"}"#
            let json = try await service.curl(
                "--data-binary", "@-", "-H", "Content-Type: application/json", "/deepdream",
                input: Array(object.utf8))
            #expect(json.body == dream.body, "\(json.text)")
            try Data("\n\(text)\n".utf8).write(to: file)
            let lines = try await service.curl(
                "-F", "image=@-", "-F", "recipe=@\(file.path)", "/deepdream", input: photo)
            #expect(lines.body == dream.body, "\(lines.text)")
        }
    }

    @Test("other fields override it, and its size fits photos of another shape")
    func overriding() async throws {
        try await withDream { service, _, _, file in
            let tall = try TestFiles.photo(width: 50, height: 100)
            let answer = try await service.curl(
                "-F", "image=@-", "-F", "recipe=@\(file.path)", "-F", "seed=4", "/deepdream", input: tall)
            let recipe = try #require(answer.headers["DeepDream-Recipe"])
            #expect(recipe.contains("seed=4&") && recipe.contains("layers=mixed2%5B3%5D&"))
            #expect(recipe.contains("size=30x60&"), "\(recipe)")
            let sized = try await service.curl(
                "-F", "image=@-", "-F", "recipe=@\(file.path)", "-F", "size=40x40", "/deepdream", input: tall)
            #expect(sized.headers["DeepDream-Recipe"]?.contains("size=40x40&") == true, "\(sized.text)")
        }
    }

    @Test("it cannot be a picture without a recipe, stand beside a preset, or come twice")
    func refusals() async throws {
        try await withDream { service, photo, _, file in
            let dream = try Data(contentsOf: file)
            try Data(photo).write(to: file)
            let none = try await service.curl(
                "-F", "image=@-", "-F", "recipe=@\(file.path)", "/deepdream", input: photo)
            #expect((none.status, none.json["field"]) == (400, "recipe"), "\(none.text)")
            let word = try await service.curl("-F", "image=@-", "-F", "recipe=nice", "/deepdream", input: photo)
            #expect((word.status, word.json["field"]) == (400, "recipe"), "\(word.text)")
            let wrong = try await service.curl("-F", "image=@-", "-F", "recipe=steps=x", "/deepdream", input: photo)
            #expect((wrong.status, wrong.json["field"]) == (400, "steps"), "\(wrong.text)")
            try dream.write(to: file)
            let preset = try await service.curl(
                "-F", "image=@-", "-F", "recipe=@\(file.path)", "-F", "preset=classic", "/deepdream", input: photo)
            #expect((preset.status, preset.json["field"]) == (400, "preset"), "\(preset.text)")
            let twice = try await service.curl(
                "-F", "image=@-", "-F", "recipe=@\(file.path)", "/deepdream?recipe=steps%3D1", input: photo)
            #expect((twice.status, twice.json["field"]) == (400, "recipe"), "\(twice.text)")
        }
    }
}
