import Glibc

/// Asks a running service for its state. It needs no other program, so that a container without curl can check itself.
struct HealthProbe {
    /// Why the service is not well.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// The address that the service listens on. If this is all of the machine's addresses, the local one is asked.
    let host: String
    let port: Int
    let path: String
    /// How long everything can take together.
    let limit: Duration

    /// Sends the request and reads the answer.
    ///
    /// - Throws: `Failure` unless the answer has status 200.
    func run() throws(Failure) {
        let deadline = ContinuousClock.now + limit
        let socket = try connectedSocket(before: deadline)
        defer { close(socket) }
        let request = Array(
            "GET \(path) HTTP/1.1\r\nHost: localhost\r\nUser-Agent: deepdream-health\r\nConnection: close\r\n\r\n".utf8)
        // The request is shorter than any socket's buffer.
        guard send(socket, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else {
            throw failure("does not read")
        }
        let answer = try readAnswer(from: socket, before: deadline)
        let parts = answer.split(separator: "\r\n", omittingEmptySubsequences: false)
        guard let line = parts.first, line.hasPrefix("HTTP/1.1 ") else { throw failure("does not speak HTTP") }
        guard line.hasPrefix("HTTP/1.1 200 ") else {
            throw failure("answers \(line.dropFirst("HTTP/1.1 ".count)): \(parts.last ?? "")")
        }
    }

    private var address: String {
        switch host {
        case "0.0.0.0": "127.0.0.1"
        case "::": "::1"
        default: host
        }
    }

    private func failure(_ reason: String) -> Failure {
        let shown = address.contains(":") ? "[\(address)]" : address
        return Failure(description: "http://\(shown):\(port)\(path) \(reason)")
    }

    private func connectedSocket(before deadline: ContinuousClock.Instant) throws(Failure) -> Int32 {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(address, String(port), &hints, &list) == 0, let found = list?.pointee else {
            throw failure("is not an address")
        }
        defer { freeaddrinfo(list) }
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let socket = Glibc.socket(found.ai_family, type, 0)
        guard socket >= 0 else { throw failure("cannot be asked: \(String(cString: strerror(errno)))") }
        do throws(Failure) {
            if connect(socket, found.ai_addr, found.ai_addrlen) != 0 {
                guard errno == EINPROGRESS else { throw failure("is closed: \(String(cString: strerror(errno)))") }
                try wait(for: POLLOUT, on: socket, before: deadline)
                var (error, size) = (Int32(0), socklen_t(MemoryLayout<Int32>.size))
                getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size)
                guard error == 0 else { throw failure("is closed: \(String(cString: strerror(error)))") }
            }
            return socket
        } catch {
            close(socket)
            throw error
        }
    }

    /// Reads until the service closes the connection, but not more than an answer can have.
    private func readAnswer(from socket: Int32, before deadline: ContinuousClock.Instant) throws(Failure) -> String {
        var answer: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 4096)
        while answer.count < 1 << 16 {
            try wait(for: POLLIN, on: socket, before: deadline)
            let count = recv(socket, &piece, piece.count, 0)
            if count > 0 {
                answer += piece[..<count]
            } else if count == 0 {
                break
            } else if errno != EINTR && errno != EAGAIN {
                throw failure("ends its answer early: \(String(cString: strerror(errno)))")
            }
        }
        return String(decoding: answer, as: UTF8.self)
    }

    private func wait(
        for event: Int32, on socket: Int32, before deadline: ContinuousClock.Instant
    ) throws(Failure) {
        while true {
            let milliseconds = Int32(clamping: Int((deadline - .now) / .milliseconds(1)))
            guard milliseconds > 0 else { throw failure("has not answered within \(limit)") }
            var descriptor = pollfd(fd: socket, events: Int16(event), revents: 0)
            if poll(&descriptor, 1, milliseconds) > 0 { return }
        }
    }
}
