import CMicroHTTPD

extension RequestHead {
    /// Reads the head of the request that `connection` has received.
    ///
    /// A target that cannot be decoded gives a head all the same, with the path as sent, for the response and the
    /// log; `failure` then says what is wrong.
    static func read(
        from connection: OpaquePointer, target: UnsafePointer<CChar>, method: UnsafePointer<CChar>
    ) -> (head: RequestHead, failure: RequestFailure?) {
        let headers = HeaderCollector()
        dd_mhd_each_header(connection, HeaderCollector.visit, Unmanaged.passUnretained(headers).toOpaque())
        let parameters = ParameterCollector()
        dd_mhd_each_query_parameter(
            connection, ParameterCollector.visit, Unmanaged.passUnretained(parameters).toOpaque())

        let sent = String(cString: target)
        // The library lets blanks in a target pass, and does not look for other control characters.
        let isPrintable = sent.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F }
        let path = isPrintable ? PercentEncoding.decode(pathBytes(of: sent)) : nil
        var failure: RequestFailure?
        if path == nil {
            failure = .malformedHead(reason: "the path is not percent-encoded UTF-8")
        } else if parameters.isMalformed {
            failure = .malformedHead(reason: "the query is not percent-encoded UTF-8")
        }
        let head = RequestHead(
            method: String(cString: method), path: path ?? sent, query: parameters.parameters,
            headers: headers.headers, peer: peerText(of: dd_mhd_peer(connection)),
            id: RequestID.choose(offered: headers.headers["X-Request-ID"]))
        return (head, failure)
    }

    /// The path of an origin-form target, or of an absolute-form one (RFC 9112, section 3.2).
    private static func pathBytes(of target: String) -> [UInt8] {
        let bytes = Array(target.utf8)
        let scheme = Array("http://".utf8)
        guard bytes.starts(with: scheme) else { return bytes }
        guard let slash = bytes[scheme.count...].firstIndex(of: UInt8(ascii: "/")) else { return [UInt8(ascii: "/")] }
        return Array(bytes[slash...])
    }
}

/// Gathers header fields from the library's iterator.
private final class HeaderCollector {
    var headers = Headers()

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

/// Gathers and decodes query parameters from the library's iterator.
private final class ParameterCollector {
    var parameters: [(name: String, value: String)] = []
    var isMalformed = false

    static let visit: dd_mhd_visitor = { context, name, nameSize, value, valueSize in
        guard let context else { return }
        // Nothing between two ampersands is no parameter (https://url.spec.whatwg.org/#urlencoded-parsing).
        guard nameSize > 0 || value != nil else { return }
        let collector = Unmanaged<ParameterCollector>.fromOpaque(context).takeUnretainedValue()
        let rawName = UnsafeRawBufferPointer(start: name, count: nameSize)
        let rawValue = UnsafeRawBufferPointer(start: value, count: value == nil ? 0 : valueSize)
        guard let name = PercentEncoding.decode(rawName), let value = PercentEncoding.decode(rawValue) else {
            collector.isMalformed = true
            return
        }
        collector.parameters.append((name, value))
    }
}
