import CMicroHTTPD

/// Collects the header fields that libmicrohttpd passes on one by one.
final class HeaderCollector {
    private var headers = Headers()

    private static let visit: dd_mhd_visitor = { context, name, nameSize, value, valueSize in
        guard let context else { return }
        let collector = Unmanaged<HeaderCollector>.fromOpaque(context).takeUnretainedValue()
        collector.headers.append(
            text(name, nameSize), value.map { text($0, valueSize) } ?? "")
    }

    /// The header fields that have arrived on a connection. Call it on libmicrohttpd's thread of that connection.
    static func headers(of connection: OpaquePointer) -> Headers {
        let collector = HeaderCollector()
        dd_mhd_each_header(connection, visit, Unmanaged.passUnretained(collector).toOpaque())
        return collector.headers
    }

    private static func text(_ start: UnsafePointer<CChar>, _ size: Int) -> String {
        String(decoding: UnsafeRawBufferPointer(start: start, count: size), as: UTF8.self)
    }
}
