import Dispatch
import FoundationEssentials
import HTTPServer
import JobStore
import Synchronization

/// The events of one job for one client, as server-sent events (https://html.spec.whatwg.org/#server-sent-events).
///
/// An event is made only when the client can take it, and tells the newest state. So a slow client misses steps, but
/// never the end.
final class JobEvents: Sendable {
    private struct State {
        var sentVersion = -1
        var sentPreview = 0
        var sent: ContinuousClock.Instant?
        var hasEnded = false
        var isTimerSet = false
    }

    /// The shortest time between two events of progress.
    private static let interval = Duration.milliseconds(500)
    /// How often something is sent at least, so that no proxy takes the connection for dead.
    private static let keepAliveInterval = Duration.seconds(15)

    private let id: String
    private let board: JobBoard
    private let state = Mutex(State())
    private let stream = Mutex<ResponseStream?>(nil)

    private init(id: String, board: JobBoard) {
        self.id = id
        self.board = board
    }

    /// The response that sends a job's events until it has ended.
    static func response(_ record: JobRecord, board: JobBoard) -> Response {
        let events = JobEvents(id: record.id, board: board)
        let stream = ResponseStream(next: { events.next() }, onEnd: { events.end() })
        events.stream.withLock { $0 = stream }
        board.watch(record, with: stream)
        return Response(
            status: 200,
            headers: [
                "Content-Type": "text/event-stream", "Cache-Control": "no-store",
                // nginx would collect the events otherwise.
                "X-Accel-Buffering": "no",
            ],
            stream: stream)
    }

    /// The identifier of the event after which a job has no others.
    static let lastEventID = "end"

    private func end() {
        let stream = stream.withLock { stream in
            defer { stream = nil }
            return stream
        }
        if let stream { board.unwatch(id, ObjectIdentifier(stream)) }
    }

    private func next() -> ResponseStream.Next {
        let entry = board.entry(id)
        return state.withLock { state in
            guard !state.hasEnded, let entry else { return .end }
            if let record = entry.final {
                state.hasEnded = true
                return .bytes(
                    Self.event(record.state.rawValue, id: Self.lastEventID, JobDocument(record, entry: entry)))
            }
            let now = ContinuousClock.now
            let quiet = state.sent.map { $0.duration(to: now) }
            if entry.version > state.sentVersion {
                if let quiet, quiet < Self.interval {
                    wake(after: Self.interval - quiet, &state)
                    return .nothingYet
                }
                state.sentVersion = entry.version
                state.sent = now
                var bytes = Self.event("progress", id: "\(entry.version)", JobProgressDocument(entry))
                if let preview = entry.preview, entry.previewNumber > state.sentPreview {
                    state.sentPreview = entry.previewNumber
                    bytes += Self.event("preview", id: "\(entry.version)", ["image": Self.dataURL(preview)])
                }
                return .bytes(bytes)
            }
            if let quiet, quiet >= Self.keepAliveInterval {
                state.sent = now
                return .bytes(Array(": keep-alive\n\n".utf8))
            }
            wake(after: Self.keepAliveInterval - (quiet ?? .zero), &state)
            return .nothingYet
        }
    }

    private func wake(after time: Duration, _ state: inout State) {
        guard !state.isTimerSet || time <= Self.interval else { return }
        state.isTimerSet = true
        DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(Int(time / .milliseconds(1)) + 1)) {
            [weak self] in
            guard let self else { return }
            self.state.withLock { $0.isTimerSet = false }
            self.stream.withLock { $0 }?.wake()
        }
    }

    private static func event(_ name: String, id: String, _ data: some Encodable) -> [UInt8] {
        // JSON.bytes ends with a line feed.
        Array("id: \(id)\nevent: \(name)\ndata: ".utf8) + JSON.bytes(of: data) + Array("\n".utf8)
    }

    private static func dataURL(_ jpeg: [UInt8]) -> String {
        "data:image/jpeg;base64,\(Data(jpeg).base64EncodedString())"
    }
}
