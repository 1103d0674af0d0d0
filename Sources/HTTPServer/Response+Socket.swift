import Glibc

extension Response {
    /// The response as it is sent, by a connection that is closed after it.
    private var bytes: [UInt8] {
        var head = "HTTP/1.1 \(sentStatus) \(Self.phrases[sentStatus] ?? "Error")\r\nDate: \(Self.date)\r\n"
        for (name, value) in headers.fields where !["content-length", "connection"].contains(name.lowercased()) {
            // What libmicrohttpd would leave out, too.
            guard !value.isEmpty, value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else { continue }
            head += "\(name): \(value)\r\n"
        }
        return Array("\(head)Connection: close\r\nContent-Length: \(body.count)\r\n\r\n".utf8) + body
    }

    private static let phrases = [
        400: "Bad Request", 408: "Request Timeout", 413: "Content Too Large", 415: "Unsupported Media Type",
        429: "Too Many Requests", 500: "Internal Server Error", 503: "Service Unavailable",
    ]

    /// The time now (RFC 9110, section 5.6.7).
    private static var date: String {
        var (now, parts) = (time(nil), tm())
        guard gmtime_r(&now, &parts) != nil else { return "Thu, 01 Jan 1970 00:00:00 GMT" }
        let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(days[Int(parts.tm_wday)]), \(two(parts.tm_mday)) \(months[Int(parts.tm_mon)]) "
            + "\(1900 + parts.tm_year) \(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)) GMT"
    }

    /// Writes the response to a socket past libmicrohttpd, which can send none while a body arrives, and closes the
    /// sending side. Call it only while nothing else is written to the socket. It does not block: a response that does
    /// not fit into the socket's empty buffer is cut off.
    func send(to socket: Int32) {
        bytes.withUnsafeBytes { bytes in
            var sent = 0
            while sent < bytes.count {
                let count = Glibc.send(
                    socket, bytes.baseAddress.map { $0 + sent }, bytes.count - sent,
                    Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
                guard count > 0 else { break }
                sent += count
            }
        }
        shutdown(socket, Int32(SHUT_WR))
    }
}
