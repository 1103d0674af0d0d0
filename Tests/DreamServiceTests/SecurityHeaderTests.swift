import TestSupport
import Testing

/// What answers allow browsers to do with them, over real sockets with curl.
@Suite("Security headers", .ownThread, .timeLimit(.minutes(10))) struct SecurityHeaderTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let arguments: [String]
        let status: Int
    }

    static let cases = [
        Case(
            testDescription: "a dream", arguments: ["-F", "image=@-", "/deepdream?steps=1&octaves=1"], status: 200),
        Case(
            testDescription: "a contact sheet",
            arguments: ["-F", "image=@-", "-H", "Accept: image/png", "/activations?count=1"], status: 200),
        Case(testDescription: "JSON", arguments: ["/models"], status: 200),
        Case(testDescription: "text", arguments: ["/openapi.yaml"], status: 200),
        Case(testDescription: "no content", arguments: ["-X", "OPTIONS", "/models"], status: 204),
        Case(testDescription: "a wrong value", arguments: ["-F", "image=@-", "/deepdream?steps=x"], status: 400),
        Case(testDescription: "a path that is not there", arguments: ["/nowhere"], status: 404),
        Case(testDescription: "a method that is not there", arguments: ["/deepdream"], status: 405),
        Case(
            testDescription: "an upload that is refused by its length", arguments: ["-F", "image=@-", "/deepdream"],
            status: 413),
        Case(
            testDescription: "an upload that is refused by its type",
            arguments: ["-H", "Content-Type: text/plain", "-d", "hello", "/deepdream"], status: 415),
        Case(
            testDescription: "a head that is answered past libmicrohttpd",
            arguments: ["-X", "POST", "-H", "Content-Length: x", "/deepdream"], status: 400),
    ]

    @Test("every answer keeps browsers from guessing its type, loading anything and framing it", arguments: cases)
    func fields(request: Case) async throws {
        let photo = try TestFiles.photo()
        let isTooLarge = request.status == 413
        try await TestService.run(configure: { if isTooLarge { $0.maxUploadBytes = photo.count / 2 } }) { service in
            let answer = try Answer(await service.start(request.arguments, input: photo).wait())
            #expect(answer.status == request.status, "\(answer.text)")
            #expect(answer.headers.values(of: "X-Content-Type-Options") == ["nosniff"])
            let policies = answer.headers.values(of: "Content-Security-Policy")
            #expect(policies == ["default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"])
            #expect(answer.headers.values(of: "Referrer-Policy") == ["no-referrer"])
        }
    }

    @Test("a page of the studio has its own policy alone, and no guessed type")
    func studio() async throws {
        try await TestService.run { service in
            let answer = try await service.curl("/")
            let policies = answer.headers.values(of: "Content-Security-Policy")
            #expect(policies.count == 1 && policies.first?.contains("script-src 'self'") == true, "\(policies)")
            #expect(answer.headers.values(of: "X-Content-Type-Options") == ["nosniff"])
        }
    }
}
