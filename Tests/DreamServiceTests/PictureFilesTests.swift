import DreamService
import Foundation
import TestSupport
import Testing

/// The pictures of channels on the disk.
@Suite struct PictureFilesTests {
    private func names(_ directory: URL) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []).sorted()
    }

    @Test("take no more of the disk than allowed: those that were not asked for the longest are deleted")
    func bound() async throws {
        try await TestFiles.withDirectory { directory in
            let directory = directory.appending(path: "channels")
            let files = PictureFiles(directory: directory, capacity: 100)
            #expect(files.picture(named: "a") == nil)
            for (name, count) in [("a", 40), ("b", 30), ("c", 30)] {
                files.keep([UInt8](repeating: 7, count: count), named: name)
            }
            #expect(files.usedBytes == 100)
            #expect(files.picture(named: "a") == [UInt8](repeating: 7, count: 40))
            files.keep([1], named: "d")
            #expect(names(directory) == ["a", "c", "d"])
            #expect(files.picture(named: "b") == nil)
            files.keep([UInt8](repeating: 7, count: 101), named: "e")
            #expect(names(directory) == ["a", "c", "d"], "what can never fit drives nothing out")
            files.setCapacity(41)
            #expect(names(directory) == ["a", "d"])
            files.setCapacity(0)
            #expect(names(directory).isEmpty)
            files.keep([1], named: "f")
            #expect(names(directory).isEmpty)
        }
    }

    @Test("are found again by the next process, the latest ones if they have become too many")
    func earlier() async throws {
        try await TestFiles.withDirectory { directory in
            let files = PictureFiles(directory: directory, capacity: 1000)
            for (index, name) in ["b", "a", "c"].enumerated() {
                files.keep([UInt8](repeating: 7, count: 10), named: name)
                let date = Date(timeIntervalSince1970: 1000 + Double(index))
                try FileManager.default.setAttributes(
                    [.modificationDate: date], ofItemAtPath: directory.appending(path: name).path)
            }
            let next = PictureFiles(directory: directory, capacity: 20)
            #expect(next.usedBytes == 20)
            #expect(names(directory) == ["a", "c"])
            #expect(next.picture(named: "a")?.count == 10)
        }
    }

    @Test("are not kept where nothing can be written, and are gone if somebody deletes them")
    func disk() async throws {
        try await TestFiles.withDirectory { directory in
            let file = directory.appending(path: "file")
            try Data().write(to: file)
            let impossible = PictureFiles(directory: file, capacity: 100)
            impossible.keep([1], named: "a")
            #expect(impossible.picture(named: "a") == nil)
            let files = PictureFiles(directory: directory, capacity: 100)
            files.keep([1, 2], named: "b")
            try FileManager.default.removeItem(at: directory.appending(path: "b"))
            #expect(files.picture(named: "b") == nil)
            #expect(files.usedBytes == 0)
        }
    }
}
