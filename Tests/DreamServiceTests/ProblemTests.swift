import DreamService
import Foundation
import TestSupport
import Testing

/// Errors are answered with problem details (RFC 9457).
@Suite(.ownThread) struct ProblemTests {
    @Test("the problem for a wrong value has the field, the value and what is allowed")
    func exactDocument() async throws {
        try await TestService.run { service in
            let answer = try await service.curl(
                "-F", "image=@-", "-H", "X-Request-ID: test-1", "/deepdream?steps=abc", input: TestFiles.photo())
            #expect(answer.status == 400)
            #expect(answer.headers["Content-Type"] == "application/problem+json")
            #expect(answer.headers["X-Request-ID"] == "test-1")
            #expect(
                answer.text == """
                    {"allowed":"a whole number from 0 to 2000","detail":"steps cannot be 'abc'; allowed: a whole \
                    number from 0 to 2000","field":"steps","instance":"test-1","status":400,"title":"A field has a \
                    value that is not allowed","type":"urn:problem-type:deepdream:invalid-field","value":"abc"}

                    """)
            let line = try #require(try await service.log.first { $0.contains("request=test-1") })
            #expect(line.contains("status=400") && line.contains("problem=invalid-field"), "\(line)")
        }
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let arguments: [String]
        let status: Int
        let kind: String
        var field: String?
        var value: String?
        /// The upload; nil for a photo.
        var input: [UInt8]?

        var testDescription: String { arguments.joined(separator: " ") + " → \(status) \(kind)" }
    }

    private static let image = ["-F", "image=@-"]

    static let cases = [
        Case(arguments: ["-F", "steps=1", "/deepdream"], status: 400, kind: "no-image", field: "image"),
        Case(arguments: ["-X", "POST", "/deepdream"], status: 400, kind: "no-image", field: "image"),
        Case(
            arguments: ["-F", "image=@-;filename=", "/deepdream"], status: 400, kind: "no-image", field: "image",
            input: []),
        Case(
            arguments: ["-F", "image=@-", "-F", "image=two;filename=b.jpg", "/deepdream"], status: 400,
            kind: "repeated-field", field: "image"),
        Case(
            arguments: ["-F", "image=photo.jpg", "/deepdream"], status: 400, kind: "no-image", field: "image",
            value: "photo.jpg"),
        Case(
            arguments: ["-F", "image=https://example.org/a.jpg", "/deepdream"], status: 400, kind: "no-image",
            field: "image", value: "https://example.org/a.jpg"),
        Case(arguments: ["-F", "photo=@-", "/deepdream"], status: 400, kind: "no-image", field: "photo"),
        Case(
            arguments: ["-F", "image=data:image/png;base64,!", "/deepdream"], status: 400, kind: "invalid-field",
            field: "image"),
        Case(
            arguments: image + ["-H", "Accept: text/html, image/png;q=0", "/deepdream?format=png"], status: 406,
            kind: "not-acceptable"),
        Case(
            arguments: ["-H", "Content-Type: application/json", "-d", "{\"image\": 5}", "/deepdream"], status: 400,
            kind: "malformed-json"),
        Case(
            arguments: [
                "-H", "Content-Type: application/json", "-d", "{\"image\": \"AAAA\", \"steps\": 1}", "/deepdream",
            ],
            status: 400, kind: "malformed-json"),
        Case(
            arguments: ["-H", "Content-Type: application/json", "-d", "[", "/deepdream"], status: 400,
            kind: "malformed-json"),
        // These would take seconds to read, and are refused unread.
        Case(
            arguments: [
                "-H", "Content-Type: application/json", "-d",
                #"{"recipe": {"layers": \#(String(repeating: "[", count: 9) + String(repeating: "]", count: 9))}}"#,
                "/deepdream",
            ], status: 400, kind: "malformed-json"),
        Case(
            arguments: [
                "-H", "Content-Type: application/json", "-d",
                #"{"recipe": {"layers": [\#(String(repeating: "1,", count: 10_000))1]}}"#, "/deepdream",
            ], status: 400, kind: "malformed-json"),
        Case(
            arguments: ["-H", "Content-Type: application/json", "--data-binary", "@-", "/deepdream"], status: 400,
            kind: "malformed-json", input: Array("{\"image\": \"AAAA\"}".utf8.flatMap { [$0, 0] })),
        Case(
            arguments: image + ["-F", "recipe=a=\(String(repeating: "&", count: 65_534))", "/deepdream"], status: 400,
            kind: "invalid-field", field: "recipe"),
        Case(
            arguments: [
                "-H", "Content-Type: application/json", "-d", "{\"image\": \"AAAA\", \"recipe\": {\"steps\": \"x\"}}",
                "/deepdream",
            ], status: 400, kind: "invalid-field", field: "steps", value: "x"),
        Case(
            arguments: ["-H", "Content-Encoding: gzip", "--data-binary", "@-", "/deepdream"], status: 415,
            kind: "unsupported-coding", value: "gzip"),
        Case(
            arguments: image + ["-F", "steps=1", "/deepdream?steps=1"], status: 400, kind: "repeated-field",
            field: "steps"),
        Case(arguments: image + ["/deepdream?colour=red"], status: 400, kind: "unknown-field", field: "colour"),
        Case(
            arguments: ["-F", "Image=@-", "/deepdream"], status: 400, kind: "no-image", field: "Image",
            input: [0xFF, 0xD8, 0xFF]),
        Case(
            arguments: image + ["-F", "extra=x;filename=y", "/deepdream"], status: 400, kind: "unknown-field",
            field: "extra"),
        Case(arguments: image + ["/deepdream?image=x"], status: 400, kind: "no-image", field: "image"),
        Case(
            arguments: image + ["-F", "layers=mixed3,mixed77", "/deepdream"], status: 400, kind: "invalid-field",
            field: "layers", value: "mixed77"),
        Case(
            arguments: image + ["-F", "layers=mixed5[9999]", "/deepdream"], status: 400, kind: "invalid-field",
            field: "layers", value: "mixed5[9999]"),
        Case(
            arguments: image + ["/deepdream?precision=half"], status: 400, kind: "invalid-field", field: "precision",
            value: "half"),
        Case(
            arguments: image + ["/deepdream?model=vgg"], status: 400, kind: "invalid-field", field: "model",
            value: "vgg"),
        Case(
            arguments: image + ["/deepdream?preset=old"], status: 400, kind: "invalid-field", field: "preset",
            value: "old"),
        Case(
            arguments: image + ["/deepdream?step_size=0"], status: 400, kind: "invalid-field", field: "step_size",
            value: "0"),
        Case(
            arguments: image + ["/deepdream?size=4000x4000"], status: 400, kind: "invalid-field", field: "size",
            value: "4000x4000"),
        Case(
            arguments: image + ["/deepdream?size=original"], status: 400, kind: "invalid-field", field: "size",
            value: "original", input: try? TestFiles.photo(width: 1600, height: 1400)),
        Case(
            arguments: image + ["-F", "seed=<-;type=text/plain", "/deepdream"], status: 400, kind: "invalid-field",
            field: "seed", input: [0xFF, 0xFE]),
        Case(
            arguments: image + ["/deepdream"], status: 415, kind: "unsupported-image", field: "image",
            input: Array("BM, a bitmap".utf8)),
        Case(
            arguments: image + ["/deepdream"], status: 415, kind: "unsupported-image", field: "image",
            input: Array("hello".utf8)),
        Case(
            arguments: image + ["/deepdream"], status: 415, kind: "broken-image", field: "image",
            input: (try? TestFiles.photo()).map { Array($0.prefix($0.count / 2)) }),
        Case(
            arguments: image + ["/deepdream"], status: 413, kind: "image-too-large", field: "image",
            input: try? TestFiles.photo(width: 2100, height: 1500)),
        Case(
            arguments: image + ["/deepdream"], status: 413, kind: "too-large",
            input: [UInt8](repeating: 0xFF, count: 1_100_000)),
        Case(
            arguments: ["-H", "Content-Type: application/json", "-d", "{}", "/deepdream"], status: 400,
            kind: "no-image", field: "image"),
        Case(
            arguments: ["-H", "Content-Type: text/plain", "-d", "hello", "/deepdream"], status: 415,
            kind: "unsupported-media-type", value: "text/plain"),
        Case(arguments: ["/deepdream"], status: 405, kind: "method-not-allowed"),
        Case(arguments: ["-X", "DELETE", "/models"], status: 405, kind: "method-not-allowed"),
        Case(arguments: ["/dream"], status: 404, kind: "not-found", value: "/dream"),
    ]

    @Test("every wrong request is answered with its problem", arguments: cases)
    func problem(_ wrong: Case) async throws {
        try await TestService.run(configure: {
            $0.maxUploadBytes = 1_000_000
            $0.maxPixels = 3_000_000
        }) { service in
            var arguments = wrong.arguments
            var input = wrong.input
            if input == nil { input = try TestFiles.photo() }
            // Only one field can be read from standard input. If that is not the photo, the photo is read from a file.
            try await TestFiles.withDirectory { directory in
                if arguments.contains(where: { $0.hasPrefix("seed=<") }) {
                    let photo = directory.appending(path: "photo.jpg")
                    try Data(TestFiles.photo()).write(to: photo)
                    arguments = arguments.map { $0 == "image=@-" ? "image=@\(photo.path)" : $0 }
                }
                let answer = try Answer(await service.start(arguments, input: input ?? []).wait())
                #expect(answer.status == wrong.status, "\(answer.text)")
                #expect(answer.headers["Content-Type"] == "application/problem+json")
                #expect(answer.json["type"] == "urn:problem-type:deepdream:\(wrong.kind)")
                #expect(answer.json["status"] == String(wrong.status))
                #expect(answer.json["field"] == wrong.field)
                if let value = wrong.value { #expect(answer.json["value"] == value) }
                #expect(answer.json["instance"] == answer.headers["X-Request-ID"])
                for member in ["title", "detail"] { #expect(answer.json[member]?.isEmpty == false) }
            }
        }
    }

    @Test("a long value is shortened in the answer")
    func longValue() async throws {
        try await TestService.run { service in
            let answer = try Answer(
                await service.start(
                    ["-F", "image=@-", "-F", "steps=" + String(repeating: "9", count: 5000), "/deepdream"],
                    input: try TestFiles.photo()
                ).wait())
            #expect(answer.status == 400)
            #expect(answer.json["value"]?.hasPrefix("999") == true)
            #expect(answer.text.utf8.count < 2000)
        }
    }

    @Test("a value of one letter with ten thousand accents is shortened in the answer")
    func accents() async throws {
        try await TestService.run { service in
            let value = "a" + String(repeating: "\u{301}", count: 10_000)
            let answer = try Answer(
                await service.start(
                    ["-F", "image=@-", "-F", "steps=\(value)", "/deepdream"], input: try TestFiles.photo()
                ).wait())
            #expect(answer.status == 400)
            #expect(answer.json["value"]?.isEmpty == false)
            #expect(answer.text.utf8.count < 2000)
        }
    }

    @Test("an answer 405 lists the allowed methods")
    func allow() async throws {
        try await TestService.run { service in
            let dream = try await service.curl("/deepdream")
            #expect(dream.headers["Allow"] == "POST")
            let models = try await service.curl("-X", "POST", "/models")
            #expect(models.headers["Allow"] == "GET, HEAD")
        }
    }

    @Test("an internal error is answered with 500, and its reason is only in the log")
    func internalError() async throws {
        struct Broken: JobProcessor, Error {
            func dream(_ job: Job, afterStep: () -> Void) throws -> JobResult { throw self }
        }
        try await TestService.run(makeProcessor: { Broken() }) { service in
            let answer = try await service.curl("-F", "image=@-", "/deepdream", input: TestFiles.photo())
            #expect(answer.status == 500)
            #expect(!answer.text.contains("Broken"))
            let line = try #require(try await service.log.first { $0.contains("not dreamt") })
            #expect(line.contains(" error ") && line.contains("reason=Broken"))
        }
    }
}
