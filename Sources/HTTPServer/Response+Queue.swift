import CMicroHTTPD

extension Response {
    /// The status as it is sent: a whole, final one; anything else is a fault of the handler and becomes 500.
    var sentStatus: Int { (200...599).contains(status) ? status : 500 }

    /// Queues the response on `connection`, on the library's thread; false means that the connection must be closed.
    ///
    /// Fields that HTTP cannot carry (a line break, an empty value) and `Content-Length`, which the library writes,
    /// are left out.
    func queue(on connection: OpaquePointer) -> Bool {
        let owner = Unmanaged.passRetained(ResponseBody(body))
        guard
            let response = dd_mhd_response(
                owner.takeUnretainedValue().start, body.count, ResponseBody.release, owner.toOpaque())
        else {
            owner.release()
            return false
        }
        // The library holds its own reference from the queue on.
        defer { MHD_destroy_response(response) }
        for (name, value) in headers.fields { _ = dd_mhd_add_header(response, name, value) }
        return dd_mhd_queue(connection, UInt32(sentStatus), response)
    }
}

/// Keeps a response's bytes in place while the library sends them.
private final class ResponseBody {
    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Where the bytes stand. An array's elements are one heap object that neither moves nor changes while a
    /// constant holds it, so the address stays good for this box's life.
    var start: UnsafeRawPointer? { bytes.withUnsafeBytes { $0.baseAddress } }

    static let release: @convention(c) (UnsafeMutableRawPointer?) -> Void = { owner in
        guard let owner else { return }
        Unmanaged<ResponseBody>.fromOpaque(owner).release()
    }
}
