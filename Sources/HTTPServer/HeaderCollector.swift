import CMicroHTTPD

/// Collects the header fields that libmicrohttpd passes to `visit` one by one.
final class HeaderCollector {
    private(set) var headers = Headers()

    static let visit: dd_mhd_visitor = { context, name, nameSize, value, valueSize in
        guard let context else { return }
        let collector = Unmanaged<HeaderCollector>.fromOpaque(context).takeUnretainedValue()
        collector.headers.append(
            text(name, nameSize), value.map { text($0, valueSize) } ?? "")
    }

    private static func text(_ start: UnsafePointer<CChar>, _ size: Int) -> String {
        String(decoding: UnsafeRawBufferPointer(start: start, count: size), as: UTF8.self)
    }
}
