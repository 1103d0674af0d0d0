import DeepDream
import DreamService
import TestSupport
import Testing

/// Requests that are repeated, over real sockets.
@Suite(.ownThread) struct RepeatedRequestTests {
    private static let query = "/deepdream?steps=1&octaves=1&size=max:90&layers=mixed2"

    @Test("a repeated request is answered with the same bytes, without another dream")
    func repetition() async throws {
        let photo = try TestFiles.photo()
        try await TestService.run(configure: { $0.resultCacheBytes = 1_000_000 }) { service in
            let first = try await service.curl("-F", "image=@-;filename=a.jpg", Self.query, input: photo)
            #expect(first.status == 200, "\(first.text)")
            // The same recipe in another way, and the photo under another name.
            let second = try await service.curl(
                "-F", "image=@-;filename=b.jpg", "-F", "octaves=1", "-F", "layers=mixed2:1", "-F", "seed=0",
                "/deepdream?size=max:90&steps=1", input: photo)
            #expect(second.body == first.body && second.headers["ETag"] == first.headers["ETag"])
            #expect(second.headers["Server-Timing"] == "cache;desc=\"hit\"")
            #expect(second.headers["Content-Disposition"] == "inline; filename=\"b-dream.jpg\"")
            #expect(second.headers["DeepDream-Recipe"] == first.headers["DeepDream-Recipe"])
            #expect(service.counts().done == 1)
            #expect(try await service.curl("/metrics").text.contains("repeated_dreams_total 1\n"))
            let json = try await service.curl(
                "-F", "image=@-", "-H", "Accept: application/json", Self.query, input: photo)
            #expect(json.headers["Content-Type"] == "application/json" && service.counts().done == 1)
            #expect(json.headers["ETag"] != first.headers["ETag"], "other bytes need another tag")
            let other = try await service.curl("-F", "image=@-", Self.query + "&seed=1", input: photo)
            #expect(other.headers["ETag"] != first.headers["ETag"] && service.counts().done == 2)
            let anew = try await service.curl(
                "-F", "image=@-", "-H", "Cache-Control: max-age=0, no-cache", Self.query, input: photo)
            #expect(anew.body == first.body && service.counts().done == 3)
        }
    }

    @Test("without a cache each request dreams, and If-None-Match still saves it, even after a restart")
    func validation() async throws {
        let photo = try TestFiles.photo()
        var tag = ""
        try await TestService.run { service in
            let first = try await service.curl("-F", "image=@-", Self.query, input: photo)
            tag = try #require(first.headers["ETag"])
            #expect(try await service.curl("-F", "image=@-", Self.query, input: photo).body == first.body)
            #expect(service.counts().done == 2)
        }
        try await TestService.run { service in
            for header in [tag, "\"x\", W/\(tag)"] {
                let answer = try await service.curl(
                    "-F", "image=@-", "-H", "If-None-Match: \(header)", Self.query, input: photo)
                #expect(answer.status == 304, "\(header)")
                #expect(answer.body.isEmpty && answer.headers["ETag"] == tag && answer.headers["Vary"] == "Accept")
            }
            #expect(service.counts().done == 0)
            let changed = try await service.curl(
                "-F", "image=@-", "-H", "If-None-Match: \(tag)", Self.query + "&seed=5", input: photo)
            #expect(changed.status == 200 && changed.headers["ETag"] != tag)
        }
    }

    @Test("a photo that cannot be decoded is not kept as a dream")
    func damaged() async throws {
        try await TestService.run(configure: { $0.resultCacheBytes = 1_000_000 }) { service in
            for _ in 0..<2 {
                let answer = try await service.curl("-F", "image=@-", Self.query, input: Array("not a photo\n\0".utf8))
                #expect(answer.status == 415 && answer.headers["ETag"] == nil)
            }
        }
    }
}
