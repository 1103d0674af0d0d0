/// Keeps the bytes of a response in memory while libmicrohttpd sends them.
final class ResponseBody {
    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The address of the first byte, valid for the life of this object: the array is never changed, so its storage
    /// does not move.
    var start: UnsafeRawPointer? { bytes.withUnsafeBytes { $0.baseAddress } }

    /// Releases the `ResponseBody` that `owner` was retained for.
    static let release: @convention(c) (UnsafeMutableRawPointer?) -> Void = { owner in
        guard let owner else { return }
        Unmanaged<ResponseBody>.fromOpaque(owner).release()
    }
}
