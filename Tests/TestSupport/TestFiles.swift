import Foundation
import Imaging

/// Files for tests.
package enum TestFiles {
    /// Creates an empty directory and removes it when `body` has ended.
    package static func withDirectory<Value>(
        _ body: (URL) async throws -> Value
    ) async throws -> Value {
        let directory = FileManager.default.temporaryDirectory.appending(path: "deepdream-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        return try await body(directory)
    }

    /// As ``withDirectory(_:)``, with files in it: their texts by their paths.
    package static func withDirectory<Value>(
        of files: [String: String], _ body: (URL) async throws -> Value
    ) async throws -> Value {
        try await withDirectory { directory in
            for (path, text) in files {
                let file = directory.appending(path: path)
                try FileManager.default.createDirectory(
                    at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Data(text.utf8).write(to: file)
            }
            return try await body(directory)
        }
    }

    /// Makes a photo of smooth colours, as a JPEG of high quality or a PNG.
    package static func photo(width: Int = 100, height: Int = 80, as format: ImageFormat = .jpeg) throws -> [UInt8] {
        var pixels: [UInt8] = []
        for y in 0..<height {
            for x in 0..<width {
                pixels += [UInt8(x * 255 / width), UInt8(y * 255 / height), UInt8((x + y) % 256)]
            }
        }
        return try Image(width: width, height: height, pixels: pixels).encoded(as: format, quality: 95)
    }

    /// The path of a committed file of another test target.
    package static func fixture(_ name: String, of target: String) -> URL {
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "\(target)/Fixtures/\(name)")
    }
}
