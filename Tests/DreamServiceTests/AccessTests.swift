import Dispatch
import DreamService
import HTTPServer
import TestSupport
import Testing

/// Who may use the service, who a client is, and how many jobs it can have.
@Suite("Access", .ownThread) struct AccessTests {
    private func head(peer: String = "192.0.2.1", headers: [String: String]) -> RequestHead {
        var fields = Headers()
        for (name, value) in headers { fields.append(name, value) }
        return RequestHead(method: "GET", path: "/models", query: [], headers: fields, peer: peer, id: "test")
    }

    @Test("the hash of a key is its SHA-256, as sha256sum computes it")
    func hash() async throws {
        let result = try await Subprocess.run(["sha256sum"], input: Array("first-key".utf8))
        #expect(result.text.hasPrefix(APIKeys.hash(of: "first-key")))
    }

    @Test("new keys are long, different, and fit into a header")
    func newKeys() {
        let keys = Set((0..<100).map { _ in APIKeys.newKey() })
        #expect(keys.count == 100)
        #expect(keys.allSatisfy { $0.wholeMatch(of: /[A-Za-z0-9_-]{43}/) != nil })
    }

    @Test(
        "a list of hashes has whole hashes only",
        arguments: [
            ("", true), (String(repeating: "a", count: 64), true),
            (String(repeating: "A", count: 64) + ", " + String(repeating: "0", count: 64), true), ("secret", false),
            (String(repeating: "a", count: 63), false), (String(repeating: "g", count: 64), false),
        ])
    func lists(list: String, isAllowed: Bool) {
        #expect((APIKeys(list: list) != nil) == isAllowed)
    }

    @Test("with keys, requests need one of them; what comes before a key can be had stays open")
    func keys() async throws {
        let keys = ["first-key", "second-key"]
        try await TestService.run(configure: { $0.apiKeys = keys.map(APIKeys.hash).joined(separator: ",") }) {
            service in
            for path in ["/", "/healthz", "/readyz", "/version", "/openapi.yaml", "/openapi.json"] {
                #expect(try await service.curl(path).status == 200, "\(path)")
            }
            for path in ["/models", "/metrics", "/jobs/00000000000000000000000000000000"] {
                let answer = try await service.curl(path)
                #expect(answer.status == 401, "\(path)")
                #expect(answer.json["type"] == "urn:problem-type:deepdream:key-missing")
                #expect(answer.headers["WWW-Authenticate"]?.hasPrefix("Bearer") == true)
            }
            for header in [
                "Authorization: Bearer first-key", "Authorization: bearer second-key", "X-API-Key: first-key",
            ] {
                #expect(try await service.curl("-H", header, "/models").status == 200, "\(header)")
            }
            for header in ["Authorization: Bearer first-ke", "Authorization: Basic first-key", "X-API-Key: "] {
                #expect(try await service.curl("-H", header, "/models").status == 401, "\(header)")
            }
            let wrong = try await service.curl("-H", "X-API-Key: third-key", "/models")
            #expect(wrong.json["type"] == "urn:problem-type:deepdream:key-unknown")
            let upload = try await service.curl("-F", "image=@-", "/deepdream", input: TestFiles.photo())
            #expect(upload.status == 401)
            #expect(!log(service).contains("first-key"), "the log has no key")
            #expect(log(service).contains("key=\(APIKeys.hash(of: "first-key").prefix(8))"))
        }
    }

    @Test("new keys hold at once, and old ones no more")
    func rotation() {
        var configuration = ServiceConfiguration()
        configuration.apiKeys = APIKeys.hash(of: "old")
        let clients = Clients(configuration)
        func isAllowed(_ key: String) -> Bool {
            (try? clients.checkKey(head(headers: ["X-API-Key": key]))) != nil
        }
        #expect(isAllowed("old") && !isAllowed("new"))
        configuration.apiKeys += "," + APIKeys.hash(of: "new")
        clients.apply(configuration)
        #expect(isAllowed("old") && isAllowed("new"))
        configuration.apiKeys = APIKeys.hash(of: "new")
        clients.apply(configuration)
        #expect(!isAllowed("old") && isAllowed("new"))
    }

    @Test(
        "the client's address comes from the proxies that are trusted, and from nobody else",
        arguments: [
            ("192.0.2.1", ["X-Forwarded-For": "198.51.100.7"], "192.0.2.1"),
            ("10.0.0.1", ["X-Forwarded-For": "198.51.100.7"], "198.51.100.7"),
            ("10.0.0.1", ["X-Forwarded-For": "1.2.3.4, 198.51.100.7, 10.9.9.9"], "198.51.100.7"),
            ("10.0.0.1", ["X-Forwarded-For": "198.51.100.7:4711"], "198.51.100.7"),
            ("10.0.0.1", ["X-Forwarded-For": "nonsense"], "10.0.0.1"),
            ("10.0.0.1", ["X-Forwarded-For": "1.2.3.4, nonsense, 10.0.0.2"], "10.0.0.2"),
            ("10.0.0.1", ["X-Forwarded-For": "10.0.0.3, 10.0.0.2"], "10.0.0.3"),
            ("2001:db8::1", ["X-Forwarded-For": "2001:db9::5"], "2001:db9::5"),
            ("2001:db8:1::1", ["X-Forwarded-For": "2001:db9::5"], "2001:db9::5"),
            ("2001:db8:2::1", ["X-Forwarded-For": "2001:db9::5"], "2001:db8:2::1"),
            ("10.0.0.1", ["Forwarded": "for=198.51.100.7;proto=https"], "198.51.100.7"),
            ("10.0.0.1", ["Forwarded": "for=1.2.3.4, For=\"[2001:db9::5]:80\";by=10.0.0.1"], "2001:db9::5"),
            ("10.0.0.1", ["Forwarded": "for=_hidden"], "10.0.0.1"),
            ("10.0.0.1", ["Forwarded": "for=1.2.3.4", "X-Forwarded-For": "198.51.100.7"], "198.51.100.7"),
            ("10.0.0.1", [:], "10.0.0.1"),
        ] as [(String, [String: String], String)])
    func addresses(peer: String, headers: [String: String], client: String) throws {
        let proxies = try #require(AddressRange.list("10.0.0.0/8, 2001:db8::/47"))
        #expect(ClientAddress.of(head(peer: peer, headers: headers), behind: proxies) == client)
    }

    @Test(
        "a block of addresses has an address and maybe a length",
        arguments: [
            ("10.0.0.1", true), ("10.0.0.0/8", true), ("::1/128", true), ("10.0.0.0/33", false), ("::/129", false),
            ("10.0.0.0/", false), ("proxy.example.org", false), ("10.0.0/8", false),
        ])
    func blocks(text: String, isAllowed: Bool) {
        #expect((AddressRange(text) != nil) == isAllowed)
    }

    @Test("addresses of one network of IPv6 are one client, and each IPv4 address is its own")
    func networks() {
        #expect(IPAddress("2001:db8:0:1::5")?.network == IPAddress("2001:db8:0:1:9::")?.network)
        #expect(IPAddress("2001:db8:0:1::5")?.network != IPAddress("2001:db8:0:2::5")?.network)
        #expect(IPAddress("::ffff:192.0.2.1")?.network == "192.0.2.1")
    }

    @Test("a client whose jobs take as long as they can together gets 429, but its only job may take longer")
    func secondsPerClient() async throws {
        let gate = GatedProcessor.Gate()
        let throughput = Throughput()
        throughput.measure(1e8, of: JobCost.Kind(model: "embedded", precision: "full"), seconds: 1)
        let photo = try TestFiles.photo()
        try await TestService.run(
            configure: { ($0.secondsPerClient, $0.deadlineSeconds, $0.trustedProxies) = (1, 86_400, "127.0.0.0/8") },
            throughput: throughput, makeProcessor: { GatedProcessor(gate: gate) }
        ) { service in
            func arguments(_ client: Int, _ path: String) -> [String] {
                ["-F", "image=@-", "-H", "X-Forwarded-For: 192.0.2.\(client)", path]
            }
            let first = try service.start(arguments(1, "/deepdream"), input: photo)
            try await gate.started.reaches(1)
            for path in ["/deepdream", "/jobs"] {
                let second = try await service.start(arguments(1, path), input: photo).wait()
                let answer = try Answer(second)
                #expect(answer.status == 429 && answer.json["type"] == "urn:problem-type:deepdream:too-many-jobs")
                #expect(answer.json["allowed"] == "at most 1 seconds")
            }
            let other = try service.start(arguments(2, "/deepdream"), input: photo)
            gate.open(for: 3)
            #expect(try await Answer(first.wait()).status == 200)
            #expect(try await Answer(other.wait()).status == 200)
            let again = try await Answer(service.start(arguments(1, "/deepdream"), input: photo).wait())
            #expect(again.status == 200)
        }
    }

    @Test("a client with as many jobs as it can have gets 429; another one behind the same proxy does not")
    func jobsPerClient() async throws {
        let gate = GatedProcessor.Gate()
        let photo = try TestFiles.photo()
        try await TestService.run(
            configure: { ($0.jobsPerClient, $0.trustedProxies) = (1, "127.0.0.0/8") },
            makeProcessor: { GatedProcessor(gate: gate) }
        ) { service in
            let first = try service.start(
                ["-F", "image=@-", "-H", "X-Forwarded-For: 192.0.2.1", "/deepdream"], input: photo)
            try await gate.started.reaches(1)
            let second = try await service.curl(
                "-F", "image=@-", "-H", "X-Forwarded-For: 192.0.2.1", "/deepdream", input: photo)
            #expect(second.status == 429)
            #expect(second.json["type"] == "urn:problem-type:deepdream:too-many-jobs")
            #expect(second.headers["Retry-After"].flatMap(Int.init) ?? 0 >= 1)
            let stored = try await service.curl(
                "-F", "image=@-", "-H", "X-Forwarded-For: 192.0.2.2", "/jobs", input: photo)
            #expect(stored.status == 202, "\(stored.text)")
            let again = try await service.curl(
                "-F", "image=@-", "-H", "X-Forwarded-For: 192.0.2.2", "/jobs", input: photo)
            #expect(again.status == 429, "a stored job counts until its end")
            gate.open(for: 3)
            #expect(try await Answer(first.wait()).status == 200)
            let job = try #require(stored.json["id"])
            try await wait(for: job, of: service)
            let third = try await service.curl(
                "-F", "image=@-", "-H", "X-Forwarded-For: 192.0.2.2", "/deepdream", input: photo)
            #expect(third.status == 200, "\(third.text)")
            #expect(log(service).contains("client=192.0.2.2"))
        }
    }

    private func wait(for job: String, of service: TestService) async throws {
        let deadline = WaitLimit.deadline
        while try await service.curl("/jobs/\(job)").json["state"] != "done" {
            guard DispatchTime.now() < deadline else { throw WaitLimit.Exceeded("the end of the job \(job)") }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    private func log(_ service: TestService) -> String { service.log.all.joined(separator: "\n") }

    @Test("a traceparent is in the answer and in the log, unless it is not one")
    func traces() async throws {
        let trace = "0af7651916cd43dd8448eb211c80319c"
        let parent = "00-\(trace)-b7ad6b7169203331-01"
        try await TestService.run { service in
            let answer = try await service.curl("-H", "traceparent: \(parent)", "/nothing")
            #expect(answer.headers["traceparent"] == parent)
            #expect(log(service).contains("trace=\(trace)"))
            for wrong in [
                "00-\(trace)-b7ad6b7169203331", "00-\(trace)-0000000000000000-01", "ff" + parent.dropFirst(2),
            ] {
                let answer = try await service.curl("-H", "traceparent: \(wrong)", "/nothing")
                #expect(answer.headers["traceparent"] == nil, "\(wrong)")
            }
        }
    }
}
