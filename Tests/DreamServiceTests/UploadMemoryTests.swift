import DreamService
import Foundation
import HTTPServer
import TestSupport
import Testing

/// All uploads together have bounded memory.
@Suite(.ownThread) struct UploadMemoryTests {
    @Test("shares fit into the capacity, and come back when nothing holds them")
    func shares() throws {
        let memory = UploadMemory(capacity: 100)
        var first = memory.reserve(bytes: 60)
        #expect(first != nil && memory.usedBytes == 60)
        #expect(memory.reserve(bytes: 41) == nil)
        let second = memory.reserve(bytes: 40)
        #expect(second != nil && memory.usedBytes == 100)
        first = nil
        #expect(memory.usedBytes == 40)
        #expect(memory.reserve(bytes: 60) != nil)
        withExtendedLifetime((first, second)) {}
    }

    @Test("an upload that finds no memory left is 503 before its body, and finds it when the jobs at hand have ended")
    func full() async throws {
        let gate = GatedProcessor.Gate()
        let photo = try TestFiles.photo()
        // Room for one photo with what the form adds, not for two.
        try await TestService.run(
            configure: { ($0.maxUploadBytes, $0.maxUploadsBytes) = (2 * photo.count, 2 * photo.count) },
            makeProcessor: { GatedProcessor(gate: gate) }
        ) { service in
            let first = try service.start(["-F", "image=@-", "/deepdream"], input: photo)
            await gate.started.reaches(1)
            let second = try await service.curl(
                "-F", "image=@-", "-H", "Expect: 100-continue", "/deepdream", input: photo)
            #expect(second.status == 503)
            #expect(second.headers["Retry-After"] == "10")
            #expect(second.json["type"] == "urn:problem-type:deepdream:uploads-full")
            let chunked = try await service.curl(
                "-F", "image=@-", "-H", "Transfer-Encoding: chunked", "/deepdream", input: photo)
            #expect(chunked.status == 503, "what announces no length may be as long as one may be")
            gate.open(for: 2)
            #expect(try await Answer(first.wait()).status == 200)
            let third = try await service.curl("-F", "image=@-", "/deepdream", input: photo)
            #expect(third.status == 200, "\(third.text)")
        }
    }

    @Test("uploads that are refused or broken off give their memory back")
    func failures() async throws {
        let photo = try TestFiles.photo()
        try await TestService.run(
            configure: { ($0.maxUploadBytes, $0.maxUploadsBytes) = (2 * photo.count, 2 * photo.count) }
        ) { service in
            for (arguments, status) in [
                (["-F", "image=@-", "-F", "steps=many"], 400), (["-F", "image=@-", "-F", "image=@-"], 400),
                (["--data-binary", "@-", "-H", "Content-Type: image/jpeg"], 415),
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
