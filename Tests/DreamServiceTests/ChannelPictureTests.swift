import DreamService
import Foundation
import Imaging
import TestSupport
import Testing

/// `GET /models/{model}/layers/{layer}/channels/{channel}`, over real sockets with curl.
@Suite("Pictures of channels", .ownThread, .timeLimit(.minutes(10))) struct ChannelPictureTests {
    private static let path = "/models/inception_v3_rendered/layers/mixed0/channels/3"

    /// The files that a service keeps in its data directory.
    private func kept(_ directory: URL) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: directory.appending(path: "channels").path)) ?? []
    }

    @Test("are dreamt once, kept on the disk and found there by the next service")
    func kept() async throws {
        try await TestFiles.withDirectory { directory in
            var bytes: [UInt8] = []
            try await TestService.run(configure: { $0.dataDirectory = directory.path }) { service in
                let answer = try await service.curl(Self.path)
                #expect(answer.status == 200, "\(answer.text)")
                #expect(answer.headers["Content-Type"] == "image/jpeg")
                let recipe = try #require(answer.headers["DeepDream-Recipe"])
                #expect(recipe.contains("layers=mixed0%5B3%5D&") && recipe.contains("from=noise&"))
                let info = try ImageDecoder().inspect(answer.body)
                #expect((info.width, info.height) == (160, 160))
                bytes = answer.body
                #expect(kept(directory).count == 1)
                // The same recipe dreams the same picture.
                let dream = try await service.curl("-X", "POST", "/deepdream?" + recipe)
                #expect(dream.body == bytes)
                #expect(service.counts().done == 2)
                let tag = try #require(answer.headers["ETag"])
                let again = try await service.curl("-H", "If-None-Match: \(tag)", Self.path)
                #expect(again.status == 304)
            }
            // In another directory, because the first service's may stay locked for a moment.
            try await TestFiles.withDirectory { other in
                try FileManager.default.copyItem(
                    at: directory.appending(path: "channels"), to: other.appending(path: "channels"))
                try await TestService.run(configure: { $0.dataDirectory = other.path }) { service in
                    let answer = try await service.curl(Self.path)
                    #expect(answer.body == bytes)
                    #expect(service.counts().done == 0)
                }
            }
        }
    }

    @Test("are dreamt once for clients that ask at the same time")
    func together() async throws {
        let gate = GatedProcessor.Gate()
        try await TestService.run(makeProcessor: { GatedProcessor(gate: gate) }) { service in
            let first = try service.start([Self.path])
            try await gate.started.reaches(1)
            let others = try (0..<3).map { try service.start(["-H", "X-Request-ID: other-\($0)", Self.path]) }
            for index in 0..<3 {
                let line = try await service.log.first { $0.contains("awaited") && $0.contains("other-\(index)") }
                #expect(line != nil)
            }
            #expect(service.counts().waiting == 0)
            gate.open()
            for client in [first] + others { #expect(try await Answer(client.wait()).status == 200) }
        }
    }

    @Test(
        "of what there is not are 404, with what there is",
        arguments: [
            ("/models/nobody/layers/mixed0/channels/3", "model"),
            ("/models/inception_v3_rendered/layers/nothing/channels/3", "layer"),
            ("/models/inception_v3_rendered/layers/mixed0/channels/100000", "channel"),
            ("/models/inception_v3_rendered/layers/mixed0/channels/-1", "channel"),
            ("/models/inception_v3_rendered/layers/mixed0/channels/x", "channel"),
        ])
    func missing(path: String, field: String) async throws {
        try await TestService.run { service in
            let answer = try await service.curl(path)
            #expect(answer.status == 404)
            #expect(answer.json["field"] == field && answer.json["allowed"] != nil, "\(answer.text)")
        }
    }
}
