import Glibc
import HTTPServer
import TestSupport

/// A blocking HTTP client on a raw socket, with which tests can send any bytes.
final class TestClient {
    private let socket: Int32
    private var received: [UInt8] = []
    private var isAtEnd = false

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    struct Answer {
        let status: Int
        let headers: Headers
        let body: [UInt8]

        var text: String { String(decoding: body, as: UTF8.self) }
    }

    /// Connects to a server on this machine. Reading and writing fail after `WaitLimit`.
    ///
    /// - Parameters:
    ///   - isIPv6: whether to connect to ::1 instead of 127.0.0.1.
    ///   - receiveBuffer: how many bytes the system should buffer for this client; nil for the default. Some systems
    ///     buffer many megabytes by default.
    init(port: Int, isIPv6: Bool = false, receiveBuffer: Int32? = nil) throws {
        let family = isIPv6 ? AF_INET6 : AF_INET
        socket = Glibc.socket(family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        set(SO_RCVTIMEO, to: timeval(tv_sec: WaitLimit.seconds, tv_usec: 0))
        set(SO_SNDTIMEO, to: timeval(tv_sec: WaitLimit.seconds, tv_usec: 0))
        if let receiveBuffer { set(SO_RCVBUF, to: receiveBuffer) }
        if isIPv6 {
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(family)
            address.sin6_port = UInt16(port).bigEndian
            address.sin6_addr = in6addr_loopback
            try connect(to: &address)
        } else {
            var address = sockaddr_in()
            address.sin_family = sa_family_t(family)
            address.sin_port = UInt16(port).bigEndian
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            try connect(to: &address)
        }
    }

    deinit { close(socket) }

    private func set<Value: BitwiseCopyable>(_ option: Int32, to value: Value) {
        var value = value
        setsockopt(socket, SOL_SOCKET, option, &value, socklen_t(MemoryLayout<Value>.size))
    }

    private func connect<Address>(to address: inout Address) throws {
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(socket, $0, socklen_t(MemoryLayout<Address>.size))
            }
        }
        guard result == 0 else { throw Failure(description: "connect: \(String(cString: strerror(errno)))") }
    }

    func send(_ text: String) throws { try send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw Failure(description: "send: \(String(cString: strerror(errno)))") }
            sent += count
        }
    }

    /// Closes the sending side of the connection.
    func finishSending() { shutdown(socket, Int32(SHUT_WR)) }

    /// Reads up to the end of the connection.
    func readToEnd() throws -> [UInt8] {
        while try fill() {}
        defer { received = [] }
        return received
    }

    /// Waits for the end of the connection; false if the server sends something instead.
    func isClosedByServer() throws -> Bool { try received.isEmpty && !fill() }

    /// Reads the next response, skipping interim ones (1xx).
    ///
    /// - Parameter hasBody: false for the response to a HEAD request.
    func readAnswer(hasBody: Bool = true) throws -> Answer {
        while true {
            let answer = try readOne(hasBody: hasBody)
            if answer.status >= 200 { return answer }
        }
    }

    /// Reads the next response, which may be an interim one.
    func readOne(hasBody: Bool = true) throws -> Answer {
        let separator = Array("\r\n\r\n".utf8)
        var end = received.firstRange(of: separator)
        while end == nil {
            guard try fill() else {
                throw Failure(
                    description:
                        "the connection ended in the middle of a head: \(String(decoding: received, as: UTF8.self))")
            }
            end = received.firstRange(of: separator)
        }
        guard let end else { throw Failure(description: "the response has no head") }
        let lines = String(decoding: received[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
        received.removeSubrange(..<end.upperBound)
        let words = lines.first?.split(separator: " ") ?? []
        guard words.count >= 2, let status = Int(words[1]) else {
            throw Failure(description: "the first line is not a status line: \(lines)")
        }
        var headers = Headers()
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { throw Failure(description: "not a header field: \(line)") }
            headers.append(String(parts[0]), String(parts[1].drop { $0 == " " }))
        }
        let length = hasBody && status >= 200 ? headers["Content-Length"].flatMap { Int($0) } ?? 0 : 0
        while received.count < length {
            guard try fill() else { throw Failure(description: "the connection ended in the middle of a body") }
        }
        defer { received.removeSubrange(..<length) }
        return Answer(status: status, headers: headers, body: Array(received[..<length]))
    }

    /// Reads what is available, or waits for more. Returns false at the end of the connection or if it was reset.
    private func fill() throws -> Bool {
        if isAtEnd { return false }
        var piece = [UInt8](repeating: 0, count: 64 * 1024)
        let count = recv(socket, &piece, piece.count, 0)
        if count > 0 {
            received.append(contentsOf: piece[..<count])
            return true
        }
        if count < 0 && errno != ECONNRESET { throw Failure(description: "recv: \(String(cString: strerror(errno)))") }
        isAtEnd = true
        return false
    }
}
