import Dispatch
import Foundation
import Glibc
import Synchronization

/// A program that runs beside the test. It is killed when this object is deallocated.
package final class Subprocess: Sendable {
    package struct Result: Sendable {
        /// The exit code; if a signal ended the program, 128 plus the signal's number.
        package let status: Int32
        /// Whether a signal ended the program.
        package let wasKilled: Bool
        package let output: [UInt8]
        /// Standard error.
        package let errors: String

        /// The output as text.
        package var text: String { String(decoding: output, as: UTF8.self) }
    }

    /// How long a program can run, in seconds. Like `WaitLimit`, this only ends tests that would fail anyway.
    private static let limit = 900

    private let process = Process()
    /// The lines of standard error as they arrive.
    package let errorLines = Lines()
    private let output = Pieces()
    private let readers = DispatchGroup()
    /// Left when the program has ended.
    private let ending = DispatchGroup()

    private final class Pieces: Sendable {
        let bytes = Mutex<[UInt8]>([])
    }

    /// This process's, but for the models that its user has installed: they would change what programs do by default.
    private static let environmentWithoutModels = ProcessInfo.processInfo.environment
        .merging(["DEEPDREAM_MODELS": "", "XDG_DATA_HOME": "/nonexistent"]) { $1 }

    /// Starts a program.
    ///
    /// - Parameters:
    ///   - arguments: the program's path or name, and its arguments.
    ///   - input: what the program reads from standard input.
    ///   - environment: all environment variables; nil for those of this process, without its models.
    ///   - hasTerminal: whether standard error is a terminal. Then a carriage return ends a line, too.
    package init(
        _ arguments: [String], input: [UInt8] = [], environment: [String: String]? = nil, hasTerminal: Bool = false
    ) throws {
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        process.environment = environment ?? Self.environmentWithoutModels
        let (inputPipe, outputPipe) = (Pipe(), Pipe())
        process.standardInput = inputPipe
        process.standardOutput = outputPipe
        let terminal = hasTerminal ? try Pseudoterminal() : nil
        let errorPipe = Pipe()
        process.standardError = terminal.map { $0.inside as Any } ?? errorPipe
        let errors = terminal?.outside ?? errorPipe.fileHandleForReading
        // Writing to a program that has closed its input is not an error here.
        signal(SIGPIPE, SIG_IGN)
        ending.enter()
        process.terminationHandler = { [ending] _ in ending.leave() }
        do {
            try process.run()
        } catch {
            ending.leave()
            throw error
        }
        // Only the program should have the terminal open, so that reading ends when the program does.
        if let terminal { try? terminal.inside.close() }
        Self.collect(outputPipe.fileHandleForReading, into: output, readers) { _ in }
        let ends = hasTerminal ? Array("\r\n".utf8) : Array("\n".utf8)
        Self.collect(errors, into: Pieces(), readers) { [errorLines] pieces in
            while let end = pieces.firstIndex(where: ends.contains) {
                if end > 0 || !hasTerminal { errorLines.append(String(decoding: pieces[..<end], as: UTF8.self)) }
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

    deinit {
        if process.isRunning { send(SIGKILL) }
    }

    /// Sends a signal.
    package func send(_ number: Int32) {
        kill(process.processIdentifier, number)
    }

    /// Waits for the end of the program. If it takes too long, it is killed, and `errors` says so.
    package func wait() async -> Result {
        let guardian = DispatchSource.makeTimerSource(queue: .global())
        guardian.schedule(deadline: .now() + .seconds(Self.limit))
        guardian.setEventHandler { [self] in
            errorLines.append("the test killed this program after \(Self.limit) s")
            send(SIGKILL)
        }
        guardian.activate()
        await hasLeft(ending)
        guardian.cancel()
        await hasLeft(readers)
        let code = process.terminationStatus
        let wasKilled = process.terminationReason == .uncaughtSignal
        return Result(
            status: wasKilled ? 128 + code : code, wasKilled: wasKilled, output: output.bytes.withLock { $0 },
            errors: errorLines.all.joined(separator: "\n"))
    }

    private func hasLeft(_ group: DispatchGroup) async {
        await withCheckedContinuation { continuation in
            group.notify(queue: .global()) { continuation.resume() }
        }
    }

    /// Runs a program to its end.
    package static func run(
        _ arguments: [String], input: [UInt8] = [], environment: [String: String]? = nil
    ) async throws -> Result {
        try await Subprocess(arguments, input: input, environment: environment).wait()
    }

    private static func collect(
        _ handle: FileHandle, into pieces: Pieces, _ readers: DispatchGroup,
        onPiece: @escaping @Sendable (inout [UInt8]) -> Void, atEnd: @escaping @Sendable ([UInt8]) -> Void = { _ in }
    ) {
        DispatchQueue(label: "subprocess-reader").async(group: readers) {
            while true {
                let data = read(handle)
                if data.isEmpty { break }
                pieces.bytes.withLock { bytes in
                    bytes += data
                    onPiece(&bytes)
                }
            }
            atEnd(pieces.bytes.withLock { $0 })
        }
    }

    /// Reads what is available; nothing at the end.
    private static func read(_ handle: FileHandle) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Glibc.read(handle.fileDescriptor, &buffer, buffer.count)
            if count >= 0 { return Array(buffer[..<count]) }
            // A terminal that no program has open any more fails with EIO.
            if errno != EINTR { return [] }
        }
    }
}
