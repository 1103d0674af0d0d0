import Dispatch
import Glibc
import Synchronization

/// Writes log lines to a file on its own Dispatch queue, so that a reader that stalls never blocks the service.
///
/// Lines that wait take limited memory. Further ones are dropped and counted, and the log says how many as soon as it
/// can be written again.
package final class LogWriter: Sendable {
    private struct State {
        var waiting: [String] = []
        var waitingBytes = 0
        /// How many lines were dropped that the log has not told of.
        var droppedLines = 0
        /// Whether a block that writes has been submitted to the queue and has not looked at `waiting` since.
        var isScheduled = false
    }

    private let descriptor: Int32
    private let capacityBytes: Int
    private let describeDropped: @Sendable (Int) -> String
    private let state = Mutex(State())
    private let allDroppedLines = Atomic(0)
    private let queue = DispatchQueue(label: "log")

    /// - Parameters:
    ///   - descriptor: the open file to write to. It stays open.
    ///   - capacityBytes: how many bytes of lines can wait to be written.
    ///   - describeDropped: the line that says how many lines were dropped.
    package init(
        descriptor: Int32, capacityBytes: Int = 1 << 20, describeDropped: @escaping @Sendable (Int) -> String
    ) {
        self.descriptor = descriptor
        self.capacityBytes = capacityBytes
        self.describeDropped = describeDropped
    }

    /// How many lines were dropped since the start.
    package var droppedLines: Int { allDroppedLines.load(ordering: .relaxed) }

    /// Writes a line soon. Returns at once.
    package func write(_ line: String) {
        let mustSchedule = state.withLock { state in
            guard state.waitingBytes + line.utf8.count <= capacityBytes else {
                state.droppedLines += 1
                allDroppedLines.add(1, ordering: .relaxed)
                return false
            }
            state.waiting.append(line)
            state.waitingBytes += line.utf8.count
            defer { state.isScheduled = true }
            return !state.isScheduled
        }
        if mustSchedule { queue.async { self.writeWaiting() } }
    }

    /// Waits until the lines so far are written, but not longer than `limit`.
    package func flush(within limit: DispatchTimeInterval) {
        let written = DispatchSemaphore(value: 0)
        queue.async { written.signal() }
        _ = written.wait(timeout: .now() + limit)
    }

    private func writeWaiting() {
        let (lines, dropped) = state.withLock { state in
            defer { state = State() }
            return (state.waiting, state.droppedLines)
        }
        var bytes: [UInt8] = []
        for line in lines { bytes += line.utf8 }
        if dropped > 0 { bytes += describeDropped(dropped).utf8 }
        writeAll(bytes)
    }

    private func writeAll(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                // Somebody made the file non-blocking; wait until it can be written.
                var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&request, 1, -1)
            } else if errno != EINTR {
                // Nobody reads the log any more, which must not end the service.
                return
            }
        }
    }
}
