import Foundation
import Glibc
import Synchronization

/// An HTTP server on 127.0.0.1 that serves one file and can misbehave; one request at a time.
final class FileServer: Sendable {
    /// How a request is answered.
    enum Behaviour: Sendable {
        /// All of the file, or from where the request's `Range` starts.
        case whole
        /// As `whole`, but the connection is closed after this many bytes of the body.
        case cutAfter(Int)
        /// All of the file, whatever the request's `Range` is.
        case withoutRanges
        /// 404.
        case notFound
        /// 503.
        case unavailable
    }

    private let content: [UInt8]
    private let socket: Int32
    private let state: Mutex<(behaviours: [Behaviour], starts: [Int])>
    let port: UInt16

    /// - Parameter behaviours: one for each request in turn; the last one is also for all that follow.
    init(_ content: [UInt8], _ behaviours: Behaviour...) throws {
        self.content = content
        state = Mutex((behaviours, []))
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(socket, address, length) == 0 && listen(socket, 8) == 0
                    && getsockname(socket, address, &length) == 0
            }
        }
        guard isBound else { throw POSIXError(.EADDRNOTAVAIL) }
        self.socket = socket
        port = UInt16(bigEndian: address.sin_port)
    }

    deinit {
        close(socket)
    }

    /// The file's address.
    var url: String { "http://127.0.0.1:\(port)/weights.h5" }

    /// At which byte of the file each request so far asked to start.
    var starts: [Int] { state.withLock { $0.starts } }

    /// Serves while `body` runs.
    @discardableResult
    func serving<Result>(_ body: () throws -> Result) rethrows -> Result {
        let done = DispatchSemaphore(value: 0)
        let thread = Thread { [self] in
            while case let connection = accept(socket, nil, nil), connection >= 0 {
                // A client that neither sends nor closes must not stop the tests.
                var limit = timeval(tv_sec: 30, tv_usec: 0)
                setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
                answer(connection)
                close(connection)
            }
            done.signal()
        }
        thread.start()
        defer {
            // Wakes accept(), which then fails.
            shutdown(socket, Int32(SHUT_RDWR))
            done.wait()
        }
        return try body()
    }

    private func answer(_ connection: Int32) {
        var request = ""
        var buffer = [UInt8](repeating: 0, count: 4096)
        while !request.contains("\r\n\r\n") {
            let count = read(connection, &buffer, buffer.count)
            guard count > 0 else { return }
            request += String(decoding: buffer[..<count], as: UTF8.self)
        }
        let start = request.lowercased().split(separator: "\r\n").compactMap { line -> Int? in
            line.hasPrefix("range: bytes=") ? Int(line.dropFirst(13).prefix { $0 != "-" }) : nil
        }.first
        let behaviour: Behaviour = state.withLock { state in
            state.starts.append(start ?? 0)
            return state.behaviours.count > 1 ? state.behaviours.removeFirst() : state.behaviours.first ?? .notFound
        }
        switch behaviour {
        case .notFound:
            send("404 Not Found", headers: [], body: [], to: connection)
        case .unavailable:
            send("503 Service Unavailable", headers: [], body: [], to: connection)
        case .withoutRanges:
            send("200 OK", headers: [], body: content[...], to: connection)
        case .whole, .cutAfter:
            let first = start ?? 0
            guard first < content.count else {
                return send("416 Range Not Satisfiable", headers: [], body: [], to: connection)
            }
            let range = "Content-Range: bytes \(first)-\(content.count - 1)/\(content.count)"
            let limit = if case .cutAfter(let limit) = behaviour { limit } else { content.count }
            send(
                start == nil ? "200 OK" : "206 Partial Content", headers: start == nil ? [] : [range],
                body: content[first...], limit: limit, to: connection)
        }
    }

    private func send(
        _ status: String, headers: [String], body: ArraySlice<UInt8>, limit: Int = .max, to connection: Int32
    ) {
        let head = ["HTTP/1.1 \(status)", "Content-Length: \(body.count)", "Connection: close"] + headers
        let bytes = Array((head.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body.prefix(limit)
        let isSent = bytes.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = Glibc.send(
                    connection, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count, Int32(MSG_NOSIGNAL))
                guard count > 0 else { return false }
                rest = rest.dropFirst(count)
            }
            return true
        }
        guard isSent else { return }
        // Waits until the client has read everything: closing earlier could reset the connection and lose data on its
        // way.
        shutdown(connection, Int32(SHUT_WR))
        var rest = [UInt8](repeating: 0, count: 256)
        while read(connection, &rest, rest.count) > 0 {}
    }
}
