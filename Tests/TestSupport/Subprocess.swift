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

    /// The lines of standard error so far, and who waits for one.
    private struct ErrorLines {
        var lines: [String] = []
        var rest: [UInt8] = []
        var isAtEnd = false
        var waiters: [(matches: @Sendable (String) -> Bool, continuation: CheckedContinuation<String?, Never>)] = []
    }

    // Its methods used here — start, signal, wait — may be called from any thread.
    private nonisolated(unsafe) let process = Process()
    private let errorLines = Mutex(ErrorLines())
    private let output = Mutex<[UInt8]>([])
    private let readers = DispatchGroup()

    /// Starts the program.
    ///
    /// - Parameters:
    ///   - arguments: the program's path or name, and its arguments.
    ///   - environment: instead of this process's.
    package init(
        _ arguments: [String], input: [UInt8] = [], environment: [String: String]? = nil
    ) throws {
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        if let environment { process.environment = environment }
        let (inputPipe, outputPipe, errorPipe) = (Pipe(), Pipe(), Pipe())
        process.standardInput = inputPipe
        process.standardOutput = outputPipe
        process.standardError = errorPipe
        try process.run()
        read(outputPipe) { [self] bytes in output.withLock { $0 += bytes } }
        read(errorPipe) { [self] bytes in receiveErrors(bytes) }
        // A program that does not read its input closes it, which is no error here.
        signal(SIGPIPE, SIG_IGN)
        DispatchQueue(label: "subprocess-input").async {
            try? inputPipe.fileHandleForWriting.write(contentsOf: Data(input))
            try? inputPipe.fileHandleForWriting.close()
        }
    }

    package var id: Int32 { process.processIdentifier }

    package func send(_ number: Int32) {
        kill(process.processIdentifier, number)
    }

    /// The first line of standard error that matches, past or future; nil once there can be none.
    package func errorLine(where matches: @escaping @Sendable (String) -> Bool) async -> String? {
        await withCheckedContinuation { continuation in
            errorLines.withLock { state in
                if let line = state.lines.first(where: matches) {
                    continuation.resume(returning: line)
                } else if state.isAtEnd {
                    continuation.resume(returning: nil)
                } else {
                    state.waiters.append((matches, continuation))
                }
            }
        }
    }

    /// Waits for the program's end.
    package func wait() async -> Result {
        await withCheckedContinuation { continuation in
            DispatchQueue(label: "subprocess-end").async { [self] in
                process.waitUntilExit()
                readers.wait()
                let code = process.terminationStatus
                let status = process.terminationReason == .exit ? code : 128 + code
                let errors = errorLines.withLock { ($0.lines + [String(decoding: $0.rest, as: UTF8.self)]) }
                continuation.resume(
                    returning: Result(
                        status: status, output: output.withLock { $0 }, errors: errors.joined(separator: "\n")))
            }
        }
    }

    /// Runs a program to its end.
    package static func run(
        _ arguments: String..., input: [UInt8] = [], environment: [String: String]? = nil
    ) async throws -> Result {
        await try Subprocess(arguments, input: input, environment: environment).wait()
    }

    private func read(_ pipe: Pipe, _ receive: @escaping @Sendable ([UInt8]) -> Void) {
        let handle = pipe.fileHandleForReading
        DispatchQueue(label: "subprocess-reader").async(group: readers) {
            while true {
                let data = handle.availableData
                receive([UInt8](data))
                if data.isEmpty { return }
            }
        }
    }

    /// An empty piece is the end.
    private func receiveErrors(_ bytes: [UInt8]) {
        errorLines.withLock { state in
            state.rest += bytes
            var lines = state.rest.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            let rest = lines.popLast().map(Array.init) ?? []
            state.lines += lines.map { String(decoding: $0, as: UTF8.self) }
            state.rest = rest
            state.isAtEnd = bytes.isEmpty
            state.waiters.removeAll { waiter in
                let line = state.lines.first(where: waiter.matches)
                guard line != nil || state.isAtEnd else { return false }
                waiter.continuation.resume(returning: line)
                return true
            }
        }
    }
}
