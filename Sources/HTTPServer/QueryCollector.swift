import CMicroHTTPD

/// Collects and decodes the query parameters that libmicrohttpd passes to `visit` one by one.
final class QueryCollector {
    private(set) var parameters: [(name: String, value: String)] = []
    /// Whether a name or value could not be decoded.
    private(set) var isMalformed = false

    static let visit: dd_mhd_visitor = { context, name, nameSize, value, valueSize in
        guard let context else { return }
        // Skip the empty parameters of `a=1&&b=2` (https://url.spec.whatwg.org/#urlencoded-parsing).
        guard nameSize > 0 || value != nil else { return }
        let collector = Unmanaged<QueryCollector>.fromOpaque(context).takeUnretainedValue()
        let rawName = UnsafeRawBufferPointer(start: name, count: nameSize)
        let rawValue = UnsafeRawBufferPointer(start: value, count: value == nil ? 0 : valueSize)
        guard let name = PercentEncoding.decode(rawName), let value = PercentEncoding.decode(rawValue) else {
            collector.isMalformed = true
            return
        }
        collector.parameters.append((name, value))
    }
}
