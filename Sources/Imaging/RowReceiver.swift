import CImageCodecs

/// Takes a picture from a codec, row by row.
class RowReceiver {
    private(set) var warnings: [String] = []
    let isCancelled: @Sendable () -> Bool

    init(isCancelled: @escaping @Sendable () -> Bool) {
        self.isCancelled = isCancelled
    }

    /// Takes row `y` as stored; `samples` are valid during the call.
    func take(_ samples: UnsafeRawPointer, y: Int) {}

    /// Notes what is wrong with the file but no reason to refuse it.
    func warn(_ message: String) {
        if !warnings.contains(message) { warnings.append(message) }
    }

    /// Decodes a file into this receiver.
    func decode(
        _ bytes: UnsafeRawBufferPointer, format: ImageFormat, request: ic_request
    ) throws(ImageError) {
        guard let start = bytes.baseAddress else { throw .unsupportedFormat(found: nil) }
        var sink = ic_sink(
            context: Unmanaged.passUnretained(self).toOpaque(),
            take_row: { context, y, samples in
                guard let receiver = RowReceiver.from(context) else { return 1 }
                receiver.take(samples, y: Int(y))
                return receiver.isCancelled() ? 1 : 0
            },
            is_cancelled: { context in RowReceiver.from(context)?.isCancelled() == false ? 0 : 1 },
            warn: { context, message in RowReceiver.from(context)?.warn(String(cString: message)) })
        let outcome = withExtendedLifetime(self) {
            CodecOutcome { message in format.decode(start, bytes.count, request, &sink, message) }
        }
        guard outcome.status == IC_OK else { throw outcome.decodingError(format) }
    }

    private static func from(_ context: UnsafeMutableRawPointer?) -> RowReceiver? {
        context.map { Unmanaged<RowReceiver>.fromOpaque($0).takeUnretainedValue() }
    }
}
