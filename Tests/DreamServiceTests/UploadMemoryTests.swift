import DreamService
import Foundation
import HTTPServer
import TestSupport
import Testing

/// The memory of all uploads together is limited.
@Suite(.ownThread) struct UploadMemoryTests {
    @Test("reservations fit into the capacity, and are released when they are deallocated")
    func reservations() throws {
        let memory = UploadMemory(capacity: 100)
        var first = memory.begin(announced: 60)
        #expect(first?.take(20) == true && first?.take(40) == true && memory.usedBytes == 60)
        #expect(memory.begin(announced: 41) == nil)
        let second = try #require(memory.begin(announced: nil))
        #expect(second.take(40) && memory.usedBytes == 100)
        #expect(!second.take(1) && memory.usedBytes == 100)
        #expect(memory.begin(announced: nil) == nil)
        first = nil
        #expect(memory.usedBytes == 40)
        #expect(second.take(60))
        withExtendedLifetime((first, second)) {}
    }

    @Test("uploads that are announced and do not come take nothing from others")
    func announcements() throws {
        let memory = UploadMemory(capacity: 100)
        let silent = try (0..<50).map { _ in try #require(memory.begin(announced: 100)) }
        let real = try #require(memory.begin(announced: 100))
        #expect(real.take(100))
        #expect(silent.allSatisfy { !$0.take(1) })
    }

    @Test(
        "an upload without memory is answered with 503 before its body, and accepted when the jobs before it have ended"
    )
    func full() async throws {
        let gate = GatedProcessor.Gate()
        let photo = try TestFiles.photo()
        // Enough for one photo and the other bytes of its form, but not for two.
        try await TestService.run(
            configure: { ($0.maxUploadBytes, $0.maxUploadsBytes) = (2 * photo.count, 2 * photo.count) },
            makeProcessor: { GatedProcessor(gate: gate) }
        ) { service in
            let first = try service.start(["-F", "image=@-", "/deepdream"], input: photo)
            try await gate.started.reaches(1)
            let second = try await service.curl(
                "-F", "image=@-", "-H", "Expect: 100-continue", "/deepdream", input: photo)
            #expect(second.status == 503)
            #expect(second.headers["Retry-After"] == "10")
            #expect(second.json["type"] == "urn:problem-type:deepdream:uploads-full")
            let chunked = try await service.curl(
                "-F", "image=@-", "-H", "Transfer-Encoding: chunked", "/deepdream", input: photo)
            #expect(chunked.status == 503, "an upload without Content-Length is refused when it does not fit")
            gate.open(for: 2)
            #expect(try await Answer(first.wait()).status == 200)
            let third = try await service.curl("-F", "image=@-", "/deepdream", input: photo)
            #expect(third.status == 200, "\(third.text)")
        }
    }

    @Test("the memory of refused uploads is released")
    func failures() async throws {
        let photo = try TestFiles.photo()
        try await TestService.run(
            configure: { ($0.maxUploadBytes, $0.maxUploadsBytes) = (2 * photo.count, 2 * photo.count) }
        ) { service in
            for (arguments, status) in [
                (["-F", "image=@-", "-F", "steps=many"], 400), (["-F", "image=@-", "-F", "image=@-"], 400),
                (["--data-binary", "@-", "-H", "Content-Type: text/plain"], 415),
                (["--data-binary", "@-", "-H", "Content-Type: multipart/form-data; boundary=b"], 400),
            ] {
                let result = try await service.start(arguments + ["/deepdream"], input: photo).wait()
                #expect(try Answer(result).status == status)
            }
            let answer = try await service.curl("-F", "image=@-", "/deepdream?steps=0", input: photo)
            #expect(answer.status == 200, "\(answer.text)")
        }
    }
}
