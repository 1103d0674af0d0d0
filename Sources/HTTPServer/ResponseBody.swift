import CMicroHTTPD

/// Keeps the bytes of a response in memory while libmicrohttpd sends them.
final class ResponseBody {
    private let bytes: [UInt8]
    private let reservation: (any AnyObject & Sendable)?

    init(_ bytes: [UInt8], reservation: (any AnyObject & Sendable)?) {
        (self.bytes, self.reservation) = (bytes, reservation)
    }

    /// The address of the first byte, valid for the life of this object: the array is never changed, so its storage
    /// does not move.
    var start: UnsafeRawPointer? { bytes.withUnsafeBytes { $0.baseAddress } }

    /// Makes a response with these bytes; nil if there is no memory.
    ///
    /// - Parameter reservation: kept as long as the bytes.
    /// - Returns: a response to be destroyed.
    static func response(_ bytes: [UInt8], reservation: (any AnyObject & Sendable)?) -> OpaquePointer? {
        let owner = Unmanaged.passRetained(ResponseBody(bytes, reservation: reservation))
        guard let response = dd_mhd_response(owner.takeUnretainedValue().start, bytes.count, release, owner.toOpaque())
        else {
            owner.release()
            return nil
        }
        return response
    }

    /// Releases the `ResponseBody` that `owner` was retained for.
    static let release: @convention(c) (UnsafeMutableRawPointer?) -> Void = { owner in
        guard let owner else { return }
        Unmanaged<ResponseBody>.fromOpaque(owner).release()
    }
}
