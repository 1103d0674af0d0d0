import Glibc
import HTTPServer

/// A blocking HTTP client on a raw socket, so that tests decide every byte on the wire.
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

    /// Connects to 127.0.0.1. A read gives up after 20 s, so that a server that hangs fails the test.
    init(port: Int) throws {
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var limit = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw Failure(description: "connect: \(String(cString: strerror(errno)))") }
    }

    deinit { close(socket) }

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

    /// Says that no more will be sent.
    func finishSending() { shutdown(socket, Int32(SHUT_WR)) }

    /// Everything up to the connection's end.
    func readToEnd() throws -> [UInt8] {
        while try fill() {}
        defer { received = [] }
        return received
    }

    /// Whether the server has closed the connection, with nothing more sent.
    func isClosedByServer() throws -> Bool { try received.isEmpty && !fill() }

    /// The next final response; interim ones (1xx) are skipped. `hasBody` is false after HEAD.
    func readAnswer(hasBody: Bool = true) throws -> Answer {
        while true {
            let answer = try readOne(hasBody: hasBody)
            if answer.status >= 200 { return answer }
        }
    }

    /// The next response, interim or final.
    func readOne(hasBody: Bool = true) throws -> Answer {
        let separator = Array("\r\n\r\n".utf8)
        var end = received.firstRange(of: separator)
        while end == nil {
            guard try fill() else {
                throw Failure(
                    description: "the connection ended in a head: \(String(decoding: received, as: UTF8.self))")
            }
            end = received.firstRange(of: separator)
        }
        guard let end else { throw Failure(description: "no head") }
        let lines = String(decoding: received[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
        received.removeSubrange(..<end.upperBound)
        let words = lines.first?.split(separator: " ") ?? []
        guard words.count >= 2, let status = Int(words[1]) else {
            throw Failure(description: "no status line: \(lines)")
        }
        var headers = Headers()
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { throw Failure(description: "no header field: \(line)") }
            headers.append(String(parts[0]), String(parts[1].drop { $0 == " " }))
        }
        let length = hasBody && status >= 200 ? headers["Content-Length"].flatMap { Int($0) } ?? 0 : 0
        while received.count < length {
            guard try fill() else { throw Failure(description: "the connection ended in a body") }
        }
        defer { received.removeSubrange(..<length) }
        return Answer(status: status, headers: headers, body: Array(received[..<length]))
    }

    /// Reads some more; false at the end. A reset counts as an end.
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

/// One millisecond between the bytes of a slow client.
func pauseBriefly() { usleep(1000) }
