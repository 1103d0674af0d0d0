import CImageCodecs

/// What a function of `CImageCodecs` returned: its status, and the codec's message if it failed.
struct CodecOutcome {
    let status: ic_status
    let message: String

    private init(status: ic_status, message: String) {
        self.status = status
        self.message = message
    }

    /// Makes the call with a buffer for its message.
    init(of call: (UnsafeMutablePointer<CChar>) -> ic_status) {
        self = withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(IC_MESSAGE_CAPACITY)) { buffer in
            buffer.initialize(repeating: 0)
            guard let message = buffer.baseAddress else { return CodecOutcome(status: IC_OUT_OF_MEMORY, message: "") }
            let status = call(message)
            return CodecOutcome(status: status, message: status == IC_OK ? "" : String(cString: message))
        }
    }

    /// The error to throw if decoding failed.
    func decodingError(_ format: ImageFormat) -> ImageError {
        switch status {
        case IC_OUT_OF_MEMORY: .outOfMemory(format)
        case IC_CANCELLED: .cancelled
        case IC_UNSUPPORTED: .unsupportedFeature(format, reason: message)
        default: .malformed(format, reason: message)
        }
    }

    /// The error to throw if encoding failed.
    func encodingError(_ format: ImageFormat) -> ImageError {
        switch status {
        case IC_OUT_OF_MEMORY: .outOfMemory(format)
        case IC_CANCELLED: .cancelled
        default: .unencodable(format, reason: message)
        }
    }
}
