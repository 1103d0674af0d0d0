import Dispatch
import Foundation
import Synchronization

/// A program that runs beside the test, with its output collected as it comes.
package final class Subprocess: Sendable {
    package struct Result: Sendable {
        /// The exit code, or 128 and the signal's number added.
        package let status: Int32
        package let output: [UInt8]
        package let errors: String

        package var text: String { String(decoding: output, as: UTF8.self) }
    }

    private let process = Process()
    /// Standard error, as it comes.
    package let errorLines = Lines()
    private let output = Pieces()
    private let readers = DispatchGroup()

    private final class Pieces: Sendable {
        let bytes = Mutex<[UInt8]>([])
    }

    /// Starts the program.
    ///
    /// - Parameters:
    ///   - arguments: the program's path or name, and its arguments.
    ///   - environment: instead of this process's.
    package init(_ arguments: [String], input: [UInt8] = [], environment: [String: String]? = nil) throws {
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        if let environment { process.environment = environment }
        let (inputPipe, outputPipe, errorPipe) = (Pipe(), Pipe(), Pipe())
        process.standardInput = inputPipe
        process.standardOutput = outputPipe
        process.standardError = errorPipe
        // A program that does not read its input closes it, which is no error here.
        signal(SIGPIPE, SIG_IGN)
        try process.run()
        Self.collect(outputPipe, into: output, readers) { _ in }
        Self.collect(errorPipe, into: Pieces(), readers) { [errorLines] pieces in
            while let end = pieces.firstIndex(of: UInt8(ascii: "\n")) {
                errorLines.append(String(decoding: pieces[..<end], as: UTF8.self))
                pieces.removeSubrange(...end)
            }
        } atEnd: { [errorLines] rest in
            if !rest.isEmpty { errorLines.append(String(decoding: rest, as: UTF8.self)) }
            errorLines.end()
        }
        DispatchQueue(label: "subprocess-input").async {
            try? inputPipe.fileHandleForWriting.write(contentsOf: Data(input))
            try? inputPipe.fileHandleForWriting.close()
        }
    }

    /// Sends a signal.
    package func send(_ number: Int32) {
        kill(process.processIdentifier, number)
    }

    /// Waits for the program's end.
    package func wait() async -> Result {
        await withCheckedContinuation { continuation in
            DispatchQueue(label: "subprocess-end").async { [self] in
                process.waitUntilExit()
                readers.wait()
                let code = process.terminationStatus
                continuation.resume(
                    returning: Result(
                        status: process.terminationReason == .exit ? code : 128 + code,
                        output: output.bytes.withLock { $0 },
                        errors: errorLines.all.joined(separator: "\n")))
            }
        }
    }

    /// Runs a program to its end.
    package static func run(
        _ arguments: [String], input: [UInt8] = [], environment: [String: String]? = nil
    ) async throws -> Result {
        try await Subprocess(arguments, input: input, environment: environment).wait()
    }

    private static func collect(
        _ pipe: Pipe, into pieces: Pieces, _ readers: DispatchGroup,
        onPiece: @escaping @Sendable (inout [UInt8]) -> Void, atEnd: @escaping @Sendable ([UInt8]) -> Void = { _ in }
    ) {
        let handle = pipe.fileHandleForReading
        DispatchQueue(label: "subprocess-reader").async(group: readers) {
            while true {
                let data = handle.availableData
                if data.isEmpty { return atEnd(pieces.bytes.withLock { $0 }) }
                pieces.bytes.withLock { bytes in
                    bytes += data
                    onPiece(&bytes)
                }
            }
        }
    }
}
