import DreamService
import Foundation
import Imaging
import TestSupport
import Testing

/// `POST /activations`, over real sockets with curl.
@Suite("Activations", .ownThread, .timeLimit(.minutes(10))) struct ActivationsTests {
    private struct Document: Decodable {
        struct Channel: Decodable {
            let channel: Int
            let mean, maximum: Double
            let map: [Float]
        }
        let layer: String
        let rows, columns: Int
        let channels: [Channel]
    }

    @Test("are told as JSON, the strongest channel first, the same for every form of a request")
    func json() async throws {
        try await TestService.run { service in
            let photo = try TestFiles.photo()
            let answer = try await service.curl(
                "-F", "image=@-", "-F", "layer=mixed3", "-F", "count=4", "-F", "order=mean", "/activations",
                input: photo)
            #expect(answer.status == 200, "\(answer.text)")
            #expect(answer.headers["Content-Type"] == "application/json")
            let document = try JSONDecoder().decode(Document.self, from: Data(answer.body))
            #expect(document.layer == "mixed3")
            #expect(document.channels.count == 4)
            #expect(document.channels.map(\.mean) == document.channels.map(\.mean).sorted(by: >))
            for channel in document.channels {
                #expect(channel.map.count == document.rows * document.columns)
                #expect(channel.map.max().map { abs(Double($0) - channel.maximum) < 1e-4 } == true)
            }
            let raw = try await service.curl(
                "--data-binary", "@-", "-H", "Content-Type: image/jpeg", "/activations?layer=mixed3&count=4&order=mean",
                input: photo)
            #expect(raw.body == answer.body)
            let image = Data(photo).base64EncodedString()
            let object = #"{"image": "\#(image)", "layer": "mixed3", "count": 4, "order": "mean"}"#
            let json = try await service.curl(
                "--data-binary", "@-", "-H", "Content-Type: application/json", "/activations",
                input: Array(object.utf8))
            #expect(json.body == answer.body, "\(json.text)")
        }
    }

    @Test("are drawn as a contact sheet for clients that accept PNG")
    func sheet() async throws {
        try await TestService.run { service in
            let answer = try await service.curl(
                "-F", "image=@-", "-H", "Accept: image/png", "/activations?layer=mixed3", input: TestFiles.photo())
            #expect(answer.headers["Content-Type"] == "image/png", "\(answer.text)")
            #expect(try ImageDecoder().inspect(answer.body).width == 4 * (ContactSheet.tileWidth + 8) + 8)
            let refused = try await service.curl(
                "-F", "image=@-", "-H", "Accept: image/webp", "/activations", input: TestFiles.photo())
            #expect(refused.status == 406)
        }
    }

    @Test(
        "name the field that is wrong",
        arguments: [
            ("layer=mixed99", "layer"), ("count=0", "count"), ("model=nobody", "model"), ("size=512x512", "size"),
            ("steps=3", "steps"),
        ])
    func refusals(query: String, field: String) async throws {
        try await TestService.run { service in
            let answer = try await service.curl("-F", "image=@-", "/activations?\(query)", input: TestFiles.photo())
            #expect(answer.status == 400)
            #expect(answer.json["field"] == field, "\(answer.text)")
        }
    }

    @Test("need a photo, and one that can be read")
    func photos() async throws {
        try await TestService.run { service in
            let without = try await service.curl("-F", "layer=mixed3", "/activations")
            #expect((without.status, without.json["field"]) == (400, "image"), "\(without.text)")
            let broken = try await service.curl("-F", "image=@-", "/activations", input: Array("no photo".utf8))
            #expect(broken.status == 415 || broken.status == 400, "\(broken.text)")
        }
    }
}
