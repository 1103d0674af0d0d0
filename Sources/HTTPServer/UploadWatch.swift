/// A body that is arriving, as the `ConnectionWatcher` sees it.
struct UploadWatch {
    private let started = ContinuousClock.now
    private var lastPiece = ContinuousClock.now
    private var bytes = 0
    /// When the client closed its sending side.
    private var closed: ContinuousClock.Instant?
    /// Makes the response to a body that arrives too slowly.
    let answer: @Sendable (RequestFailure) -> Response

    /// What becomes of a body.
    enum Verdict {
        case mayGoOn
        case tooSlow(RequestFailure)
        /// The client has left before its end.
        case abandoned
    }

    init(answer: @escaping @Sendable (RequestFailure) -> Response) {
        self.answer = answer
    }

    mutating func receive(_ count: Int) {
        bytes += count
        lastPiece = .now
    }

    mutating func close() {
        closed = closed ?? .now
    }

    /// Whether the client closed its sending side.
    var isClosed: Bool { closed != nil }

    func verdict(at now: ContinuousClock.Instant, _ limits: HTTPServerConfiguration) -> Verdict {
        if let closed, closed.duration(to: now) > limits.abandonedBodyGrace { return .abandoned }
        let elapsed = started.duration(to: now)
        let reason: String
        if elapsed > limits.uploadDeadline {
            reason = "it must arrive within \(limits.uploadDeadline.text)"
        } else if lastPiece.duration(to: now) > limits.idleTimeout {
            reason = "nothing of it came for \(limits.idleTimeout.text)"
        } else if elapsed > limits.uploadRateGrace,
            Double(bytes) < Double(limits.lowestUploadRate) * (elapsed / .seconds(1))
        {
            reason = "at least \(limits.lowestUploadRate) bytes of it must arrive in a second"
        } else {
            return .mayGoOn
        }
        return .tooSlow(.bodyTooSlow(reason: "\(bytes) bytes of the body have arrived; \(reason)"))
    }
}

extension Duration {
    fileprivate var text: String {
        let seconds = self / .seconds(1)
        return seconds.rounded() == seconds ? "\(Int(seconds)) seconds" : "\(seconds) seconds"
    }
}
