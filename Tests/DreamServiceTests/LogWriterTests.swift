import DreamService
import Foundation
import TestSupport
import Testing

@Suite("The log's writer", .ownThread)
struct LogWriterTests {
    private func writer(_ pipe: Pipe, capacityBytes: Int) -> LogWriter {
        LogWriter(descriptor: pipe.fileHandleForWriting.fileDescriptor, capacityBytes: capacityBytes) {
            "dropped \($0)\n"
        }
    }

    @Test("writes the lines in their order")
    func order() throws {
        let pipe = Pipe()
        let writer = writer(pipe, capacityBytes: 1 << 20)
        for number in 0..<1000 { writer.write("\(number)\n") }
        writer.flush(within: .seconds(60))
        try pipe.fileHandleForWriting.close()
        let text = String(decoding: try #require(try pipe.fileHandleForReading.readToEnd()), as: UTF8.self)
        #expect(text == (0..<1000).map { "\($0)\n" }.joined())
    }

    @Test(
        "does not block while nobody reads, drops what is too much, and says how much that was", .timeLimit(.minutes(2))
    )
    func stalledReader() throws {
        let pipe = Pipe()
        let writer = writer(pipe, capacityBytes: 100_000)
        let line = String(repeating: "x", count: 999) + "\n"
        // More than the pipe and the writer can hold: at most 64 KB, 100 KB being written, and 100 KB waiting.
        for _ in 0..<1000 { writer.write(line) }
        writer.flush(within: .milliseconds(1))
        // The writer may have begun before all lines had come, and then says more than once how many it dropped.
        var text = ""
        var counts = (written: 0, dropped: 0)
        while counts.written + counts.dropped < 1000 {
            text += String(decoding: pipe.fileHandleForReading.availableData, as: UTF8.self)
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
            let dropped = lines.compactMap { $0.hasPrefix("dropped ") ? Int($0.dropFirst(8)) : nil }
            counts = (lines.count - dropped.count, dropped.reduce(0, +))
        }
        #expect(counts.written + counts.dropped == 1000)
        #expect(counts.dropped >= 1000 - 64 - 1 - 200)

        writer.write("after\n")
        #expect(String(decoding: pipe.fileHandleForReading.availableData, as: UTF8.self) == "after\n")
    }

    @Test("counts the lines that it drops")
    func droppedLines() throws {
        let pipe = Pipe()
        let writer = writer(pipe, capacityBytes: 10)
        writer.write("short\n")
        for _ in 0..<3 { writer.write("too long to wait\n") }
        #expect(writer.droppedLines == 3)
        writer.flush(within: .seconds(60))
        try pipe.fileHandleForWriting.close()
    }

    @Test("goes on when the log's file is gone", .timeLimit(.minutes(2)))
    func goneReader() throws {
        signal(SIGPIPE, SIG_IGN)
        let pipe = Pipe()
        let writer = writer(pipe, capacityBytes: 1000)
        try pipe.fileHandleForReading.close()
        for _ in 0..<100 {
            writer.write("line\n")
            writer.flush(within: .seconds(60))
        }
    }
}
