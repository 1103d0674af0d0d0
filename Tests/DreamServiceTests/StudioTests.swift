import Studio
import TestSupport
import Testing

@Suite("The studio's files", .ownThread) struct StudioTests {
    @Test("GET / is a page that may use nothing but this service")
    func page() async throws {
        try await TestService.run { service in
            let answer = try await service.curl("/")
            #expect(answer.status == 200)
            #expect(answer.headers["Content-Type"] == "text/html; charset=utf-8")
            #expect(answer.headers["X-Content-Type-Options"] == "nosniff")
            let policy = try #require(answer.headers["Content-Security-Policy"])
            #expect(policy.hasPrefix("default-src 'none'") && !policy.contains("unsafe") && !policy.contains("http"))
        }
    }

    @Test("each address in the page is relative, and there is a file at it")
    func addresses() async throws {
        try await TestService.run { service in
            let page = try await service.curl("/").text
            let addresses = page.matches(of: /(?:href|src)="([^"#]+)"/).map { String($0.1) }
            #expect(addresses.count >= 10)
            for address in Set(addresses) {
                #expect(address.hasPrefix("studio/"))
                let answer = try await service.curl("/\(address)")
                #expect(answer.status == 200, "\(address)")
                #expect(answer.headers["Cache-Control"] == "public, max-age=31536000, immutable")
                #expect(answer.headers["Content-Type"]?.hasPrefix("application/octet-stream") == false)
            }
        }
    }

    @Test("no file names an address elsewhere")
    func nothingFromElsewhere() throws {
        // Names of XML, and the page's hint for a terminal, which nothing loads.
        let harmless = ["http://www.w3.org/2000/svg", "http://HOST/deepdream"]
        for file in Studio.files.values where file.mediaType != "image/jpeg" {
            var text = String(decoding: file.bytes, as: UTF8.self)
            for address in harmless { text = text.replacing(address, with: "") }
            #expect(!text.contains("http://") && !text.contains("https://") && !text.contains("\"//"), "\(file.path)")
        }
    }

    @Test("all files together have at most 150 KB compressed")
    func weight() {
        let bytes = Studio.files.values.map { ($0.gzip ?? $0.bytes).count }.reduce(0, +)
        #expect(bytes <= 150_000)
    }

    @Test("a client that reads gzip gets gzip, and the same file")
    func compression() async throws {
        try await TestService.run { service in
            let plain = try await service.curl("/")
            let compressed = try await service.curl("--compressed", "/")
            #expect(plain.headers["Content-Encoding"] == nil)
            #expect(compressed.headers["Content-Encoding"] == "gzip" && compressed.headers["Vary"] == "Accept-Encoding")
            #expect(compressed.body == plain.body)
            #expect(compressed.headers["ETag"] != plain.headers["ETag"])
            let refused = try await service.curl("-H", "Accept-Encoding: gzip;q=0", "/")
            #expect(refused.headers["Content-Encoding"] == nil)
        }
    }

    @Test("a browser that has the page already gets 304")
    func entityTags() async throws {
        try await TestService.run { service in
            let first = try await service.curl("/")
            let tag = try #require(first.headers["ETag"])
            #expect(first.headers["Cache-Control"] == "no-cache")
            let second = try await service.curl("-H", "If-None-Match: \(tag)", "/")
            #expect(second.status == 304 && second.body.isEmpty && second.headers["ETag"] == tag)
        }
    }

    @Test("a file that is not there is a 404", arguments: ["/studio/1/app.js", "/studio/1/strings/en.js", "/studio/"])
    func missing(path: String) async throws {
        try await TestService.run { service in
            let answer = try await service.curl(path)
            #expect(answer.status == 404 && answer.json["type"] == "urn:problem-type:deepdream:not-found")
        }
    }

    @Test("each language has every text of the English file, with the same values", arguments: ["de", "zh"])
    func translations(language: String) throws {
        func texts(_ name: String) throws -> [String: Set<String>] {
            let file = try #require(Studio.files.values.first { $0.path.hasSuffix("strings/\(name).js") })
            let pairs = String(decoding: file.bytes, as: UTF8.self)
                .matches(of: /(\w+): "((?:[^"\\]|\\.)*)"/)
                .map { (String($0.1), Set($0.2.matches(of: /\{\w+\}/).map { String($0.0) })) }
            return Dictionary(pairs, uniquingKeysWith: { $0.union($1) })
        }
        let english = try texts("en")
        #expect(english.count > 60)
        #expect(try texts(language) == english)
    }
}
