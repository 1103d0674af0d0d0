import DreamService
import Foundation
import JobStore
import TestSupport
import Testing

/// Stored jobs while there is little disk or memory.
@Suite(.ownThread, .timeLimit(.minutes(10))) struct StoredJobScarcityTests {
    @Test("a result that does not fit on the disk is written once there is room, and not dreamt again")
    func fullDisk() async throws {
        let gate = GatedProcessor.Gate()
        let photo = try TestFiles.photo()
        try await TestFiles.withDirectory { directory in
            try await TestService.run(
                configure: { $0.dataDirectory = directory.path }, makeProcessor: { GatedProcessor(gate: gate) }
            ) { service in
                let submitted = try await service.curl("-F", "image=@-", "/jobs?steps=1", input: photo)
                let id = try #require(submitted.json["id"], "\(submitted.text)")
                try await gate.started.reaches(1)
                // The file that the store writes first. Nothing fits into this device; then the store deletes the link.
                try FileManager.default.createSymbolicLink(
                    atPath: directory.appending(path: "files/\(id).result.part").path,
                    withDestinationPath: "/dev/full")
                gate.open()
                _ = try await service.log.first { $0.contains("no room on the disk yet") }
                _ = try await service.log.first { $0.contains("dreamt") && $0.contains(id) }
                let result = try await service.curl("/jobs/\(id)/result")
                #expect(result.status == 200 && result.body == photo && gate.started.count == 1)
            }
        }
    }

    @Test("a result is not read while there is no memory for it")
    func noMemoryForResult() async throws {
        try await TestFiles.withDirectory { directory in
            let store = try SQLiteJobStore(
                directory: directory, limits: .init(bytes: 1000, lifetime: .seconds(3600)))
            let id = try await store.submit(JobEnvelope(recipe: "", request: "r"), files: [:]).id
            _ = try await store.claim(worker: "w", lease: .seconds(60))
            _ = try await store.finish(id, worker: "w", result: [1], recipe: "model=x")
            store.close()
            // Who tried to read it would fail otherwise.
            try FileManager.default.removeItem(at: directory.appending(path: "files/\(id).result"))
            try await TestService.run(configure: {
                $0.dataDirectory = directory.path
                $0.memoryBytes = 1
            }) { service in
                let answer = try await service.curl("/jobs/\(id)/result")
                #expect(answer.status == 503 && answer.json["type"]?.hasSuffix(":memory-full") == true)
            }
        }
    }
}
