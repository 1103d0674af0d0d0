import Foundation
import Imaging
import TestSupport
import Testing

@Suite(.ownThread) struct SeeCommandTests {
    @Test("see prints the strongest channels and draws their contact sheet")
    func see() async throws {
        try await TestFiles.withDirectory { directory in
            let photo = directory.appending(path: "photo.jpg")
            try Data(TestFiles.photo()).write(to: photo)
            let sheet = directory.appending(path: "sheet.png")
            let result = try await Subprocess.run(
                [
                    Programs.deepdream, "see", photo.path, "--model", "embedded", "--layer", "mixed3", "--count", "3",
                    "-o", sheet.path,
                ], input: [])
            #expect(result.status == 0, "\(result.errors)")
            let lines = String(decoding: result.output, as: UTF8.self).split(separator: "\n")
            #expect(lines.first?.hasPrefix("layer mixed3, ") == true)
            #expect(lines.count == 4)
            #expect(try ImageDecoder().inspect([UInt8](Data(contentsOf: sheet))).format == .png)
        }
    }

    @Test(
        "a question that is not allowed is an error that says what is",
        arguments: [(["--count", "0"], "from 1 to 64"), (["--model", "embedded", "--layer", "nothing"], "mixed3")])
    func refusals(options: [String], message: String) async throws {
        let result = try await Subprocess.run(
            [Programs.deepdream, "see", "-"] + options, input: TestFiles.photo())
        #expect(result.status != 0)
        #expect(result.errors.contains(message), "\(result.errors)")
    }
}
