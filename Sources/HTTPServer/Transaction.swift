import CMicroHTTPD

/// The processing of one request, from its head to the end of its response.
///
/// libmicrohttpd makes all calls for a request on one thread, in this order: `begin`, `receive` for each piece of the
/// body, `finish` (again when the connection is resumed), `complete`. A response can be queued in `begin` and `finish`
/// only. So if something is wrong with the body, the response is kept until `finish`.
final class Transaction {
    private enum Phase {
        /// The body is arriving. Without a reader it is ignored.
        case reading((any BodyReader)?)
        /// The response is decided. The rest of the body, at most `allowance` bytes, is thrown away.
        case discarding(Response, allowance: Int)
        case waiting(PendingExchange)
        case answered(status: Int, label: String?)
    }

    private(set) var head: RequestHead
    private let server: ServerCore
    private let connection: OpaquePointer
    private let token: UInt
    private let framing: BodyFraming
    /// What is wrong with the head.
    private let headFailure: RequestFailure?
    private let started = ContinuousClock.now
    private var phase = Phase.reading(nil)
    private var maximumBodyBytes = 0
    /// The handler's reservation for the body, until the request is passed on or refused.
    private var reservation: (any BodyReservation)?
    private var bodyBytes = 0
    /// What is wrong with the type of a chunked body. It only matters if the body is not empty.
    private var bodyRefusal: RequestFailure?

    /// Reads the head that `connection` has received, and checks it.
    init(
        server: ServerCore, connection: OpaquePointer, target: UnsafePointer<CChar>, method: UnsafePointer<CChar>,
        version: UnsafePointer<CChar>
    ) {
        self.server = server
        self.connection = connection
        token = dd_mhd_token(connection)
        var failure: RequestFailure?
        (head, failure) = RequestHead.read(from: connection, target: target, method: method)
        do throws(RequestFailure) {
            // libmicrohttpd accepts blanks and control characters in a query.
            let whole = server.watcher.target(of: token) ?? ""
            guard whole.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else { throw Self.blankInTarget }
            guard dd_mhd_head_is_whole(connection, target, whole.utf8.count, method, version) else {
                throw Self.hiddenBytes
            }
            framing = try BodyFraming(method: head.method, version: String(cString: version), headers: head.headers)
        } catch {
            failure = error
            framing = .none
        }
        headFailure = failure
        head.isBeyondConnectionLimit = server.watcher.beginRequest(token)
        server.liveTransactions.add(1, ordering: .relaxed)
    }

    deinit {
        server.liveTransactions.subtract(1, ordering: .relaxed)
    }

    // MARK: Called by libmicrohttpd; returning false closes the connection

    private static let blankInTarget = RequestFailure.malformedHead(
        reason: "the path or the query has a blank or a control character; write it percent-encoded")

    private static let hiddenBytes = RequestFailure.malformedHead(
        reason: "the head has a line that is folded or does not end with a carriage return and a line feed, or a NUL, "
            + "or a field without a name")

    /// The head has arrived.
    func begin() -> Bool {
        // In case that the response cannot be queued yet.
        server.watcher.setDeadline(server.configuration.uploadDeadline, for: token)
        if framing != .none {
            // libmicrohttpd would close a slow connection without an answer.
            dd_mhd_set_timeout(connection, 0)
            server.watcher.beginUpload(token) { [server, head] failure in
                server.handler.response(to: failure, of: head)
            }
        }
        if let headFailure {
            // Where the next request begins is uncertain now, so nothing more is read.
            return queue(closing(server.handler.response(to: headFailure, of: head)))
        }
        switch server.handler.admit(head) {
        case .refuse(let response):
            return refuse(response)
        case .accept(let maximum, let takesFiles, let reservation):
            do throws(RequestFailure) {
                try prepareForBody(ofAtMost: maximum, takesFiles: takesFiles)
                self.reservation = reservation
                return true
            } catch {
                return refuse(closing(server.handler.response(to: error, of: head)))
            }
        }
    }

    /// A piece of the body has arrived.
    func receive(_ bytes: UnsafeRawBufferPointer) -> Bool {
        server.watcher.receive(bytes.count, on: token)
        do throws(RequestFailure) {
            switch phase {
            case .reading(let reader):
                if let bodyRefusal { throw bodyRefusal }
                bodyBytes += bytes.count
                guard bodyBytes <= maximumBodyBytes else {
                    throw .bodyTooLarge(maximumBytes: maximumBodyBytes)
                }
                if let reservation, !reservation.take(bytes.count) { throw .noMemory }
                try reader?.read(bytes)
            case .discarding(let response, let allowance):
                // More than that is not waited for. What still comes is thrown away while the client reads the answer.
                if bytes.count > allowance { server.watcher.answer(token, with: response) }
                phase = .discarding(response, allowance: max(0, allowance - bytes.count))
            case .waiting, .answered:
                return false
            }
        } catch {
            let response = closing(server.handler.response(to: error, of: head))
            phase = .discarding(response, allowance: server.configuration.discardedBodyBytes)
            reservation = nil
        }
        return true
    }

    /// The whole request has arrived, or its connection was resumed.
    func finish() -> Bool {
        if case .waiting = phase {
        } else if !server.watcher.endUpload(token) {
            return false
        }
        switch phase {
        case .reading(let reader):
            // Dropped before the response is queued, so that the memory is free when the client sees its answer.
            defer { reservation = nil }
            do throws(RequestFailure) {
                let body = try reader?.finish() ?? .none
                return handle(Request(head: head, body: body, reservation: reservation))
            } catch {
                return queue(closing(server.handler.response(to: error, of: head)))
            }
        case .discarding(let response, _):
            return queue(response)
        case .waiting(let exchange):
            return conclude(exchange.outcome)
        case .answered:
            return false
        }
    }

    /// The response has been sent (`wasSent`), or the connection has ended without.
    func complete(wasSent: Bool) {
        var status: Int?
        var label: String?
        switch phase {
        case .answered(let queuedStatus, let queuedLabel):
            server.responsesUnderway.leave()
            if wasSent { (status, label) = (queuedStatus, queuedLabel) }
        case .waiting(let exchange):
            if case .answered = exchange.outcome { server.responsesUnderway.leave() }
        case .reading, .discarding:
            // libmicrohttpd does not count its own answer as sent.
            status = server.takeBodyRefusal()
        }
        if let answer = server.watcher.end(token) { (status, label) = answer }
        if framing != .none, wasSent {
            dd_mhd_set_timeout(connection, UInt32(server.configuration.idleTimeout.roundedUpSeconds))
        }
        server.handler.completed(head, status: status, label: label, duration: .now - started)
    }

    // MARK: Helpers

    private func prepareForBody(ofAtMost maximum: Int, takesFiles: Bool) throws(RequestFailure) {
        maximumBodyBytes = maximum
        if case .length(let length) = framing, length > UInt64(max(0, maximum)) {
            throw .bodyTooLarge(maximumBytes: maximum)
        }
        guard framing != .none, head.method != "GET", head.method != "HEAD" else { return }
        do throws(RequestFailure) {
            let limits = FormLimits(
                maximumFields: server.configuration.maximumFormFields,
                maximumNameBytes: server.configuration.maximumFieldNameBytes)
            phase = .reading(try head.headers.bodyReader(takesFiles: takesFiles, limits: limits))
        } catch {
            // A chunked body may be empty, and an empty body does not need a type.
            guard framing == .chunked else { throw error }
            bodyRefusal = error
        }
    }

    /// Sends a response without using the body.
    private func refuse(_ response: Response) -> Bool {
        let allowance = server.configuration.discardedBodyBytes
        switch framing {
        case .none:
            phase = .discarding(response, allowance: 0)
            return true
        case .length(let length) where !waitsForContinue && length <= UInt64(allowance):
            phase = .discarding(response, allowance: allowance)
            return true
        case .chunked where !waitsForContinue && allowance > 0:
            phase = .discarding(response, allowance: allowance)
            return true
        case .length, .chunked:
            return queue(response)
        }
    }

    /// Whether the client sends its body only after it has got a 100 Continue.
    private var waitsForContinue: Bool { head.headers["Expect"]?.lowercased() == "100-continue" }

    private func handle(_ request: Request) -> Bool {
        let exchange = PendingExchange(server: server, token: token)
        guard server.watcher.begin(exchange, on: token) else { return queue(ServerCore.stoppingResponse) }
        phase = .waiting(exchange)
        server.handler.handle(request, exchange)
        return conclude(exchange.suspendUnlessSettled(connection))
    }

    private func conclude(_ outcome: PendingExchange.Outcome) -> Bool {
        switch outcome {
        case .pending: true
        case .answered(let response):
            // `PendingExchange` has counted it in `responsesUnderway`.
            queue(response, isUnderway: true)
        case .abandoned: false
        }
    }

    private func queue(_ response: Response, isUnderway: Bool = false) -> Bool {
        guard server.watcher.endUpload(token) else { return false }
        // Readers disagree about where chunks end: libmicrohttpd takes a LF alone. So nothing may follow them.
        let isChunked = head.announcedBodyBytes == nil
        let response = server.isDraining || isChunked ? closing(response) : response
        if let stream = response.stream { server.watcher.begin(stream, on: token) }
        guard response.queue(on: connection, token: token, server: server) else { return false }
        if !isUnderway { server.responsesUnderway.enter() }
        phase = .answered(status: response.sentStatus, label: response.label)
        server.watcher.setDeadline(server.configuration.responseDeadline, for: token)
        return true
    }

    private func closing(_ response: Response) -> Response {
        var response = response
        if response.headers["Connection"] == nil { response.headers.append("Connection", "close") }
        return response
    }
}
