import DreamService
import Foundation
import HTTPServer
import Synchronization
import TestSupport
import Testing

/// Callbacks, over real sockets. `make test-api` has the reference library check their signatures.
@Suite("Callbacks", .ownThread, .timeLimit(.minutes(5))) struct CallbackTests {
    /// Takes callbacks, and answers the first ones with errors.
    private final class Receiver: RequestHandler {
        struct Message: Sendable {
            let headers: Headers
            let body: [UInt8]
        }

        let arrived = Tally()
        private let messages = Mutex<[Message]>([])
        private let statuses: [Int?]
        private let unanswered = Mutex<[any Exchange]>([])

        /// - Parameter statuses: what to answer first; after these 204. Nil: no answer.
        init(statuses: [Int?]) { self.statuses = statuses }

        var received: [Message] { messages.withLock { $0 } }

        func admit(_ head: RequestHead) -> Admission { .accept(maximumBodyBytes: 10_000, takesFiles: true) }

        func handle(_ request: Request, _ exchange: any Exchange) {
            guard case .file(let body) = request.body else { return exchange.respond(Response(status: 400)) }
            let index = messages.withLock { messages in
                messages.append(Message(headers: request.head.headers, body: body))
                return messages.count - 1
            }
            let status = statuses.indices.contains(index) ? statuses[index] : 204
            defer { arrived.add() }
            guard let status else { return unanswered.withLock { $0.append(exchange) } }
            var headers = Headers()
            if status == 302 { headers.append("Location", "/elsewhere") }
            exchange.respond(Response(status: status, headers: headers))
        }

        func response(to failure: RequestFailure, of head: RequestHead) -> Response { Response(status: 400) }
        func completed(_ head: RequestHead, status: Int?, label: String?, duration: Duration) {}
    }

    private static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

    private func run(
        answering statuses: [Int] = [], _ body: (TestService, Receiver, _ address: String) async throws -> Void
    ) async throws {
        let receiver = Receiver(statuses: statuses)
        let server = try HTTPServer(configuration: .init(host: "127.0.0.1", port: 0), handler: receiver)
        defer { server.stop() }
        try await TestService.run(configure: {
            $0.callbackHosts = "hooks.example.org:8443, 127.0.0.1:\(server.port)"
            $0.callbackSecret = Self.secret
        }) { service in
            try await body(service, receiver, "http://127.0.0.1:\(server.port)/hook?token=1")
        }
    }

    private func submit(_ service: TestService, to address: String, recipe: String = "steps=0") async throws -> Answer {
        let fields = ["-F", "image=@-", "-F", "callback=\(address)"]
        return try Answer(
            await service.start(fields + ["/jobs?size=max:90&\(recipe)"], input: TestFiles.photo()).wait())
    }

    @Test("the signature is that of the reference implementation")
    func signature() throws {
        let secret = try #require(WebhookSecret(text: Self.secret))
        let signature = secret.signature(
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek", time: 1_614_265_330, body: Array(#"{"test": 2432232314}"#.utf8))
        #expect(signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    }

    @Test("the address is told how a job ended, signed")
    func delivery() async throws {
        try await run { service, receiver, address in
            let job = try await submit(service, to: address)
            let id = try #require(job.json["id"])
            try await receiver.arrived.reaches(1)
            let message = try #require(receiver.received.first)
            let document = try #require(JSONSerialization.jsonObject(with: Data(message.body)) as? [String: Any])
            #expect(document["type"] as? String == "job.done")
            let data = try #require(document["data"] as? [String: Any])
            #expect(data["id"] as? String == id && data["state"] as? String == "done")
            #expect((data["links"] as? [String: String])?["result"] == "jobs/\(id)/result")
            #expect(message.headers["webhook-id"] == id && message.headers["Content-Type"] == "application/json")
            let time = try #require(message.headers["webhook-timestamp"].flatMap { Int($0) })
            #expect(abs(Date().timeIntervalSince1970 - Double(time)) < 300)
            let secret = try #require(WebhookSecret(text: Self.secret))
            #expect(message.headers["webhook-signature"] == secret.signature(id: id, time: time, body: message.body))
        }
    }

    @Test("what is not taken is sent again, and redirections are not followed", arguments: [500, 302])
    func retry(status: Int) async throws {
        try await run(answering: [status]) { service, receiver, address in
            _ = try await submit(service, to: address)
            try await receiver.arrived.reaches(2)
            let messages = receiver.received
            #expect(messages[0].body == messages[1].body)
            #expect(messages[0].headers["webhook-id"] == messages[1].headers["webhook-id"])
            _ = try await service.log.first { $0.contains("callback arrived") }
            #expect(receiver.received.count == 2)
        }
    }

    @Test("when the service stops, a request under way ends, and further ones are refused")
    func stopping() async throws {
        let silent = Receiver(statuses: [nil])
        let server = try HTTPServer(configuration: .init(host: "127.0.0.1", port: 0), handler: silent)
        defer { server.stop() }
        let address = try #require(URL(string: "http://127.0.0.1:\(server.port)/"))
        let request = CallbackRequest(
            address: address, headers: ["Content-Type": "application/json"], body: Array("{}".utf8))
        let requests = CallbackRequests()
        let underway = Task { try await requests.send(request) }
        try await silent.arrived.reaches(1)
        requests.cancel()
        await #expect(throws: CallbackFailure.self) { try await underway.value }
        await #expect(throws: CallbackFailure.self) { try await requests.send(request) }
    }

    @Test("a job that fails is told too")
    func failure() async throws {
        try await run { service, receiver, address in
            // A photo whose head is whole.
            let photo = try TestFiles.photo(width: 300, height: 300).prefix(2000)
            let fields = ["-F", "image=@-", "-F", "callback=\(address)", "/jobs?size=max:90"]
            let job = try Answer(await service.start(fields, input: Array(photo)).wait())
            #expect(job.status == 202, "\(job.text)")
            try await receiver.arrived.reaches(1)
            let text = String(decoding: try #require(receiver.received.first).body, as: UTF8.self)
            #expect(text.contains(#""type":"job.failed""#) && text.contains("broken-image"))
        }
    }

    @Test(
        "addresses that the operator has not allowed are refused",
        arguments: [
            "http://127.0.0.1/", "http://localhost:1/", "https://hooks.example.org/", "ftp://hooks.example.org:8443/",
            "https://hooks.example.org:8443@evil.example/", "https://u:p@hooks.example.org:8443/", "hooks.example.org",
            "https://evil.example/#hooks.example.org:8443",
        ])
    func refused(address: String) async throws {
        try await run { service, _, _ in
            let answer = try await submit(service, to: address)
            #expect(answer.status == 400 && answer.json["field"] == "callback", "\(answer.text)")
        }
    }

    @Test("without a setting, no address is allowed")
    func off() async throws {
        try await TestService.run { service in
            let answer = try await submit(service, to: "https://example.org/")
            #expect(answer.status == 400 && answer.json["field"] == "callback")
        }
    }

    @Test("a request that waits for its dream cannot name an address")
    func synchronous() async throws {
        try await run { service, _, address in
            let fields = ["-F", "image=@-", "-F", "callback=\(address)", "/deepdream?steps=0"]
            let answer = try Answer(await service.start(fields, input: TestFiles.photo()).wait())
            #expect(answer.status == 400 && answer.text.contains("contradictory-field"))
        }
    }
}
