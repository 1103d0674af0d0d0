import CMicroHTTPD

extension RequestHead {
    /// Reads the head of the request that `connection` has received.
    ///
    /// - Returns: the head, and what is wrong with its target if it cannot be decoded. The head then has the path as
    ///   it was sent, for the response and the log.
    static func read(
        from connection: OpaquePointer, target: UnsafePointer<CChar>, method: UnsafePointer<CChar>
    ) -> (head: RequestHead, failure: RequestFailure?) {
        let headers = HeaderCollector.headers(of: connection)
        let parameters = QueryCollector()
        dd_mhd_each_query_parameter(
            connection, QueryCollector.visit, Unmanaged.passUnretained(parameters).toOpaque())

        let sent = String(cString: target)
        // libmicrohttpd accepts blanks and control characters in a target.
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
            headers: headers, peer: PeerAddress.text(of: dd_mhd_peer(connection)),
            id: RequestID.choose(offered: headers["X-Request-ID"]))
        return (head, failure)
    }

    /// The path of a target in origin form (`/a?b`) or absolute form (`http://host/a?b`): RFC 9112, section 3.2.
    private static func pathBytes(of target: String) -> [UInt8] {
        let bytes = Array(target.utf8)
        let scheme = Array("http://".utf8)
        guard bytes.starts(with: scheme) else { return bytes }
        guard let slash = bytes[scheme.count...].firstIndex(of: UInt8(ascii: "/")) else { return [UInt8(ascii: "/")] }
        return Array(bytes[slash...])
    }
}
