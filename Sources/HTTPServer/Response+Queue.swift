import CMicroHTTPD

extension Response {
    /// The status that is sent: 500 if the handler gave one that is not a final status.
    var sentStatus: Int { (200...599).contains(status) ? status : 500 }

    /// Queues the response on `connection`. Call it on the connection's thread.
    ///
    /// Header fields that HTTP does not allow (with a line break, with an empty value) are left out, and so is
    /// `Content-Length`, which libmicrohttpd writes itself.
    ///
    /// - Returns: false if the response could not be queued and the connection must be closed.
    func queue(on connection: OpaquePointer, token: UInt, server: ServerCore) -> Bool {
        guard
            let response = stream.map({
                StreamReader.response($0, connection: connection, token: token, server: server)
            }) ?? ResponseBody.response(body, reservation: reservation)
        else { return false }
        // libmicrohttpd has its own reference once the response is queued.
        defer { MHD_destroy_response(response) }
        for (name, value) in headers.fields { _ = dd_mhd_add_header(response, name, value) }
        return dd_mhd_queue(connection, UInt32(sentStatus), response)
    }
}
