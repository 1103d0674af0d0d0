import CMicroHTTPD

/// Delivers the bytes of a `ResponseStream` to libmicrohttpd.
final class StreamReader {
    private let stream: ResponseStream
    private let connection: OpaquePointer
    private let token: UInt
    private let server: ServerCore
    /// What `stream` has given and libmicrohttpd has not taken.
    private var pending: ArraySlice<UInt8> = []

    init(_ stream: ResponseStream, connection: OpaquePointer, token: UInt, server: ServerCore) {
        self.stream = stream
        self.connection = connection
        self.token = token
        self.server = server
    }

    /// Makes the response, to which `headers` must still be added; nil if there is no memory.
    ///
    /// - Returns: a response to be destroyed.
    static func response(
        _ stream: ResponseStream, connection: OpaquePointer, token: UInt, server: ServerCore
    ) -> OpaquePointer? {
        let reader = Unmanaged.passRetained(
            StreamReader(stream, connection: connection, token: token, server: server))
        guard let response = dd_mhd_stream_response(read, release, reader.toOpaque()) else {
            reader.release()
            return nil
        }
        return response
    }

    private static let read: dd_mhd_reader = { owner, _, buffer, size in
        guard let owner else { return dd_mhd_body_failed }
        return Unmanaged<StreamReader>.fromOpaque(owner).takeUnretainedValue()
            .read(into: UnsafeMutableRawBufferPointer(start: buffer, count: size))
    }

    private static let release: @convention(c) (UnsafeMutableRawPointer?) -> Void = { owner in
        guard let owner else { return }
        Unmanaged<StreamReader>.fromOpaque(owner).takeRetainedValue().stream.end()
    }

    private func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        if pending.isEmpty {
            let step = stream.step {
                // Nobody has to read what is not sent.
                server.watcher.setDeadline(nil, for: token)
                return SuspendedConnection(suspending: connection, token: token, watcher: server.watcher)
            }
            switch step {
            case .send(let bytes): pending = bytes[...]
            case .suspended: return 0
            case .end: return dd_mhd_body_ended
            case .fail: return dd_mhd_body_failed
            }
        }
        // The client has this long to take the bytes, like another response as a whole.
        server.watcher.setDeadline(server.configuration.responseDeadline, for: token)
        let piece = pending.prefix(buffer.count)
        buffer.copyBytes(from: piece)
        pending = pending.dropFirst(piece.count)
        return piece.count
    }
}
